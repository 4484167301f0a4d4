internal import CLibPQ
import Foundation

/// A query's values as libpq wants them: four parallel arrays. Small values are copied into one block; large ones are
/// lent, each for as long as libpq takes to copy it into what it sends.
struct BoundParameters: ~Copyable {
    /// From here on a copy of our own would cost more than the detour that lending takes.
    private static let lentByteCount = 4096

    private let block: UnsafeMutableRawPointer
    private let types: [Oid]
    private let values: [UnsafePointer<CChar>?]
    private let lengths: [Int32]
    private let forms: [Int32]
    private let lent: [(index: Int, payload: Parameter.Payload)]

    init(_ parameters: [Parameter]) throws(PostgresError) {
        for (index, parameter) in parameters.enumerated() {
            guard case .unsendable(let reason) = parameter.payload else { continue }
            throw PostgresError(.unencodable, "$\(index + 1) cannot be sent: \(reason)", isUnexecuted: true)
        }
        // Text ends with a zero byte that the value itself does not have.
        let isLent = { (parameter: Parameter) in
            parameter.form == .binary && parameter.byteCount >= Self.lentByteCount
        }
        // One zero byte after each value: text ends there, and an empty value still has an address, unlike NULL.
        let size = parameters.reduce(1) { isLent($1) ? $0 : $0 + $1.byteCount + 1 }
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        var offset = 0
        let place = { (bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar> in
            let start = block + offset
            if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
            start.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
            offset += bytes.count + 1
            return UnsafePointer(start.assumingMemoryBound(to: CChar.self))
        }
        values = parameters.map { isLent($0) ? nil : $0.payload.withBytes { $0.map(place) } }
        lent = parameters.enumerated().filter { isLent($0.element) }.map { ($0.offset, $0.element.payload) }
        self.block = block
        types = parameters.map(\.type.rawValue)
        lengths = parameters.map { Int32($0.byteCount) }
        forms = parameters.map(\.form.rawValue)
    }

    deinit { block.deallocate() }

    /// Hands the statement to libpq, which copies it; answers come in binary.
    /// - Returns: false when libpq refuses.
    func send(_ sql: String, on connection: OpaquePointer) -> Bool {
        Self.lending(lent[...], to: values) { [types, lengths, forms] values in
            PQsendQueryParams(connection, sql, Int32(values.count), types, values, lengths, forms, 1) == 1
        }
    }

    /// Runs the body while all of the lent values have addresses.
    private static func lending(
        _ lent: ArraySlice<(index: Int, payload: Parameter.Payload)>,
        to values: [UnsafePointer<CChar>?],
        _ body: ([UnsafePointer<CChar>?]) -> Bool
    ) -> Bool {
        guard let (index, payload) = lent.first else { return body(values) }
        return payload.withBytes { bytes in
            var values = values
            values[index] = bytes?.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) }
            return lending(lent.dropFirst(), to: values, body)
        }
    }
}

extension Parameter.Payload {
    /// - Parameter body: gets nil for NULL.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer?) -> R) -> R {
        switch self {
        case .bytes(let bytes): bytes.withUnsafeBytes(body)
        case .data(let data): data.withUnsafeBytes(body)
        case .floats(let values): values.withUnsafeBytes(body)
        case .null, .unsendable: body(nil)
        }
    }
}
