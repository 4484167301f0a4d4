extension FixedWidthInteger {
    /// Most significant byte first, as everything on PostgreSQL's wire.
    var networkBytes: [UInt8] { Swift.withUnsafeBytes(of: bigEndian) { Array($0) } }

    /// - Returns: nil unless there are exactly as many bytes as the type has.
    init?(networkBytes: some Collection<UInt8>) {
        guard networkBytes.count == MemoryLayout<Self>.size else { return nil }
        self = networkBytes.reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
    }
}
