package import Objectives

/// Rows as an embed job hands them in, all numbers little-endian: a line that names the form, the count of rows and their
/// width as 64 bits each, then all sample ids, all marks, and the values as fp32.
extension PeerRows {
    private static let heading = Array("stillhouse peer rows 1\n".utf8)

    package var encoded: [UInt8] {
        var bytes = Self.heading
        bytes.reserveCapacity(bytes.count + 16 + count * (24 + 4 * width))
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt64(count))
        append(UInt64(width))
        for sample in samples { append(sample) }
        for mark in marks {
            append(mark.image)
            append(mark.caption)
        }
        for value in values { append(value.bitPattern) }
        return bytes
    }

    /// - Returns: nil for bytes that are no encoded rows.
    package init?(encoded bytes: [UInt8]) {
        guard bytes.starts(with: Self.heading), bytes.count >= Self.heading.count + 16 else { return nil }
        func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number {
            bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
        }
        let start = Self.heading.count + 16
        let rowCount = number(at: start - 16, as: UInt64.self)
        let rowWidth = number(at: start - 8, as: UInt64.self)
        // Bounded before they are multiplied.
        guard rowCount <= bytes.count / 24, rowWidth <= UInt32.max,
            Int(rowCount).multipliedReportingOverflow(by: 24 + 4 * Int(rowWidth)) == (bytes.count - start, false)
        else { return nil }
        let (count, width) = (Int(rowCount), Int(rowWidth))
        self.init(width: width)
        for row in 0..<count {
            let (mark, values) = (start + 8 * count + 16 * row, start + 24 * count + 4 * width * row)
            append(
                (0..<width).map { Float(bitPattern: number(at: values + 4 * $0, as: UInt32.self)) },
                sample: number(at: start + 8 * row, as: Int64.self),
                mark: Mark(image: number(at: mark, as: UInt64.self), caption: number(at: mark + 8, as: UInt64.self))
            )
        }
    }
}
