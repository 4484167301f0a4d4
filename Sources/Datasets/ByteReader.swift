/// Takes little-endian values off the front of a byte array; nil, never a trap, when too few are left.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? {
        rest.popFirst()
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) -> Value? {
        bytes(Value.bitWidth / 8)?.reversed().reduce(0) { $0 << 8 | Value($1) }
    }

    /// A length in four bytes, then so many bytes of UTF-8.
    mutating func text() -> String? {
        integer(UInt32.self).flatMap { bytes(Int($0)) }.flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// A finite number.
    mutating func double() -> Double? {
        integer(UInt64.self).map(Double.init(bitPattern:)).flatMap { $0.isFinite ? $0 : nil }
    }
}
