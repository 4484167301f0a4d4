/// Flat fp32 parameters as bytes, in the machine's order, which is little-endian wherever Stillhouse runs.
package enum FloatChunk {
    package static func bytes(of values: UnsafeBufferPointer<Float>) -> [UInt8] {
        Array(UnsafeRawBufferPointer(values))
    }

    package static func bytes(of values: [Float], in range: Range<Int>) -> [UInt8] {
        values.withUnsafeBufferPointer { bytes(of: UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// Copies a chunk into its place; false when its length is not that of the place.
    package static func decode(_ bytes: [UInt8], into target: UnsafeMutableBufferPointer<Float>) -> Bool {
        bytes.withUnsafeBytes { decode($0, into: target) }
    }

    /// The same from memory that is lent.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        into target: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard bytes.count == target.count * MemoryLayout<Float>.size else { return false }
        UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
        return true
    }
}
