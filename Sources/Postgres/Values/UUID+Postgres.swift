package import Foundation

extension UUID: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .uuid }

    package var postgresParameter: Parameter {
        .binary(withUnsafeBytes(of: uuid) { Array($0) }, .uuid)
    }

    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> UUID {
        let bytes = try value.bytes(of: .uuid, as: UUID.self)
        guard bytes.count == 16 else { throw value.malformed(UUID.self) }
        var uuid = UUID().uuid
        withUnsafeMutableBytes(of: &uuid) { $0.copyBytes(from: bytes) }
        return UUID(uuid: uuid)
    }
}
