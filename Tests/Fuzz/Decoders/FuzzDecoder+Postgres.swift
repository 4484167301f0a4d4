import Foundation
import Postgres
import Stores
import TestSupport

extension FuzzDecoder {
    /// One cell of an answer in binary form, read as every type that our rows hold. An input is the type's number in
    /// four bytes, then the cell.
    static let cell = FuzzDecoder(
        name: "postgres-cell",
        memoryBound: 256,
        corpus: {
            let arguments = JSON(JobArguments(step: 1, ordinal: 0, epoch: 0, firstIndex: 32, sampleCount: 4))
            return [
                typed(.bool, [1]), typed(.int2, [0, 7]), typed(.int4, [0, 0, 0, 7]),
                typed(.int8, [0, 0, 0, 0, 0, 0, 0, 7]),
                typed(.float4, [63, 128, 0, 0]), typed(.float8, [63, 240, 0, 0, 0, 0, 0, 0]),
                typed(.text, Array("é".utf8)),
                typed(.bytea, [0, 255, 7]), typed(.uuid, [UInt8](1...16)),
                typed(.timestamptz, [0, 2, 0, 0, 0, 0, 0, 0]),
                typed(.jsonb, [1] + Array(#"{"step":1,"ordinal":0,"epoch":0,"firstIndex":32,"sampleCount":4}"#.utf8)),
                typed(.int8Array, array(of: 20, [0, 0, 0, 0, 0, 0, 0, 9])), typed(.textArray, array(of: 25, [97, 98])),
                typed(.byteaArray, array(of: 17, [1, 2, 3, 4])), typed(.uuidArray, array(of: 2950, [UInt8](1...16))),
                typed(PostgresType(rawValue: 16_400), Array("available".utf8)),
                typed(.jsonb, Array("\(arguments)".utf8)),
            ]
        },
        mutate: ByteMutation.apply,
        decode: { bytes, _ in
            guard bytes.count >= 4 else { return .refused("tooShort") }
            let type = PostgresType(rawValue: bytes[0..<4].reduce(0) { $0 << 8 | UInt32($1) })
            let value = PostgresValue(bytes: Array(bytes[4...]), type: type)
            let isRead = readers.contains { $0(value) }
            return isRead ? .accepted : .refused("Mismatch")
        }
    )

    private static let readers: [@Sendable (PostgresValue) -> Bool] = [
        reads(Bool.self), reads(Int16.self), reads(Int32.self), reads(Int.self), reads(Float.self), reads(Double.self),
        reads(String.self), reads([UInt8].self), reads(Data.self), reads(UUID.self), reads(Date.self),
        reads([Int].self),
        reads([Int?].self), reads([String].self), reads([[UInt8]].self), reads([UUID].self), reads(JobState.self),
        reads(JSON<JobArguments>.self), reads(JSON<[String: Double]>.self), reads(Int?.self),
    ]

    /// Whether a value of the type could be read; the only error there is, `Mismatch`, is in the signature.
    private static func reads<T: PostgresDecodable & SendableMetatype>(_: T.Type) -> @Sendable (PostgresValue) -> Bool {
        { value in (try? T.decoded(fromPostgres: value)) != nil }
    }

    private static func typed(_ type: PostgresType, _ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: type.rawValue.bigEndian) { Array($0) } + bytes
    }

    /// The binary form of an array of two equal elements.
    private static func array(of type: UInt32, _ element: [UInt8]) -> [UInt8] {
        let head = [1, 0, type, 2, 1].flatMap { number in withUnsafeBytes(of: number.bigEndian) { Array($0) } }
        let own = withUnsafeBytes(of: UInt32(element.count).bigEndian) { Array($0) } + element
        return head + own + own
    }
}
