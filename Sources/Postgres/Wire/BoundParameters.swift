internal import CLibPQ
import Foundation

/// A query's values laid out as libpq wants them: four parallel arrays, one block of bytes.
struct BoundParameters: ~Copyable {
    private let block: UnsafeMutableRawPointer
    private let types: [Oid]
    private let values: [UnsafePointer<CChar>?]
    private let lengths: [Int32]
    private let forms: [Int32]

    init(_ parameters: [Parameter]) throws(PostgresError) {
        for (index, parameter) in parameters.enumerated() {
            guard case .unsendable(let reason) = parameter.payload else { continue }
            throw PostgresError(.unencodable, "$\(index + 1) cannot be sent: \(reason)", isUnexecuted: true)
        }
        // One zero byte after each value: text ends there, and an empty value still has an address, unlike NULL.
        let size = parameters.reduce(1) { $0 + $1.byteCount + 1 }
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        var offset = 0
        let place = { (bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar> in
            let start = block + offset
            if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
            start.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
            offset += bytes.count + 1
            return UnsafePointer(start.assumingMemoryBound(to: CChar.self))
        }
        values = parameters.map { parameter in
            switch parameter.payload {
            case .bytes(let bytes): bytes.withUnsafeBytes(place)
            case .data(let data): data.withUnsafeBytes(place)
            case .null, .unsendable: nil
            }
        }
        self.block = block
        types = parameters.map(\.type.rawValue)
        lengths = parameters.map { Int32($0.byteCount) }
        forms = parameters.map(\.form.rawValue)
    }

    deinit { block.deallocate() }

    /// Hands the statement to libpq, which copies it; answers come in binary.
    /// - Returns: false when libpq refuses.
    func send(_ sql: String, on connection: OpaquePointer) -> Bool {
        PQsendQueryParams(connection, sql, Int32(values.count), types, values, lengths, forms, 1) == 1
    }
}
