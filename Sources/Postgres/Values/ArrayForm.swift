/// The binary form of arrays (`array_send` in the server's `arrayfuncs.c`):
/// dimensions, has-null flag, element type, then per dimension length and lower bound, then length-prefixed elements.
enum ArrayForm {
    static func parameter(_ elements: [Parameter], elementType: PostgresType, type: PostgresType) -> Parameter {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + elements.reduce(0) { $0 + 4 + $1.byteCount })
        let hasNull = elements.contains { if case .null = $0.payload { true } else { false } }
        bytes += Int32(elements.isEmpty ? 0 : 1).networkBytes
        bytes += Int32(hasNull ? 1 : 0).networkBytes
        bytes += elementType.rawValue.networkBytes
        if !elements.isEmpty {
            bytes += Int32(elements.count).networkBytes
            bytes += Int32(1).networkBytes  // SQL arrays count from one
        }
        for element in elements {
            switch element.payload {
            case .null: bytes += Int32(-1).networkBytes
            case .bytes(let own): bytes += Int32(own.count).networkBytes + own
            case .data(let own): bytes += Int32(own.count).networkBytes + Array(own)
            case .floats(let own):
                bytes += Int32(element.byteCount).networkBytes
                own.withUnsafeBytes { bytes.append(contentsOf: $0) }
            case .unsendable(let reason): return .unsendable(reason, type)
            }
        }
        return .binary(bytes, type)
    }

    static func elements(of value: PostgresValue) throws(PostgresValue.Mismatch) -> [PostgresValue] {
        guard let bytes = value.bytes else { throw .init("is NULL; decode it as an optional array") }
        var reader = Reader(bytes: bytes[...])
        guard let dimensions = reader.integer(), reader.integer() != nil, let rawType = reader.integer() else {
            throw .init("is \(value.type), not the binary form of an array")
        }
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw .init("is an array of \(dimensions) dimensions; only one can be read") }
        guard let count = reader.integer(), reader.integer() != nil, count >= 0 else {
            throw .init("is \(value.type), not the binary form of an array")
        }
        let type = PostgresType(rawValue: UInt32(bitPattern: rawType))
        var elements: [PostgresValue] = []
        for _ in 0..<count {
            guard let length = reader.integer() else {
                throw .init("is \(value.type), not the binary form of an array")
            }
            if length < 0 {
                elements.append(PostgresValue(bytes: nil, type: type))
            } else if let own = reader.take(Int(length)) {
                elements.append(PostgresValue(bytes: own, type: type))
            } else {
                throw .init("is \(value.type), not the binary form of an array")
            }
        }
        return elements
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func take(_ count: Int) -> [UInt8]? {
            guard bytes.count >= count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return Array(bytes.prefix(count))
        }

        mutating func integer() -> Int32? { take(4).flatMap(Int32.init(networkBytes:)) }
    }
}
