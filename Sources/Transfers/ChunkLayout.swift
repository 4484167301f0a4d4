/// How a flat vector of parameters is cut into chunks that are stored, sent and reduced one by one.
///
/// Every chunk but the last covers 2¹⁸ parameters (1 MiB in fp32: the best compromise of write speed, read speed and
/// server memory that was measured; see the article on the database).
package struct ChunkLayout: Sendable, Equatable {
    /// Parameters in every chunk but the last.
    package static let parametersPerChunk = 1 << 18

    /// P, the length of the vector.
    package let parameterCount: Int

    package init(parameterCount: Int) {
        precondition(parameterCount >= 0)
        self.parameterCount = parameterCount
    }

    /// ⌈P / 2¹⁸⌉; zero for an empty vector.
    package var chunkCount: Int {
        (parameterCount + Self.parametersPerChunk - 1) / Self.parametersPerChunk
    }

    /// The parameters that chunk `ordinal` covers.
    package func range(ofChunk ordinal: Int) -> Range<Int> {
        let start = ordinal * Self.parametersPerChunk
        return start..<min(start + Self.parametersPerChunk, parameterCount)
    }

    /// Bytes of chunk `ordinal` in fp32.
    package func byteCount(ofChunk ordinal: Int) -> Int {
        range(ofChunk: ordinal).count * MemoryLayout<Float>.size
    }
}
