import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Encryption")
struct EncryptionTests {
    private func connect(_ text: String, permitsPlaintext: Bool = false) async throws -> PostgresConnection {
        var configuration = try PostgresConfiguration(parsing: text)
        configuration.permitsPlaintext = permitsPlaintext
        let connection = PostgresConnection(configuration, logger: TemporaryDatabase.silentLogger)
        try await connection.connect()
        return connection
    }

    private func isEncrypted(_ connection: PostgresConnection) async throws -> Bool {
        let rows = try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        return try #require(rows.first).decode("ssl")
    }

    @Test("verify-full, service file and password file reach libpq, and only the right name and root are believed")
    func verification() async throws {
        let server = try await GuardedServer(withTLS: true)
        let administrator = PostgresConnection(server.administrator, logger: TemporaryDatabase.silentLogger)
        try await administrator.connect()
        let password = "a secret of the test"
        let verifier = try await administrator.verifier(of: password, for: "ann")
        #expect(verifier.hasPrefix("SCRAM-SHA-256$") && !verifier.contains(password))
        try await administrator.script("CREATE ROLE ann LOGIN PASSWORD '\(verifier)'")

        let passwords = server.directory.path + "/passwords"
        let line = "*:*:*:ann:\(password)\n"
        try line.write(toFile: passwords, atomically: true, encoding: .utf8)
        chmod(passwords, 0o600)
        let target = "hostaddr=\(server.address) user=ann dbname=stillhouse"
        let right = "host=\(GuardedServer.name) \(target) sslmode=verify-full sslrootcert=\(server.rootCertificate)"
        #expect(try await isEncrypted(try await connect("\(right) password='\(password)'")))
        #expect(try await isEncrypted(try await connect("\(right) passfile=\(passwords)")))

        let service = server.directory.path + "/service.conf"
        try "[fleet]\n\(right.replacing(" ", with: "\n"))\npassfile=\(passwords)\n"
            .write(toFile: service, atomically: true, encoding: .utf8)
        let byService = PostgresConfiguration(environment: ["PGSERVICE": "fleet"])
        setenv("PGSERVICEFILE", service, 1)
        defer { unsetenv("PGSERVICEFILE") }
        let connection = PostgresConnection(byService, logger: TemporaryDatabase.silentLogger)
        try await connection.connect()
        #expect(try await isEncrypted(connection))

        for (text, reason) in [
            ("host=elsewhere.test \(target) sslmode=verify-full sslrootcert=\(server.rootCertificate)", "another name"),
            ("host=\(GuardedServer.name) \(target) sslmode=verify-full sslrootcert=\(server.otherRoot)", "not signed"),
            (
                "host=\(GuardedServer.name) \(target) sslmode=verify-full sslrootcert=/nowhere/root.crt",
                "no root certificate"
            ),
        ] {
            let error = await #expect(throws: PostgresError.self) {
                try await connect("\(text) password='\(password)'")
            }
            #expect(error?.category == .configuration)
            let message = error.map { "\($0)" } ?? ""
            #expect(message.contains(reason) && !message.contains(password), "\(message)")
        }
        // The server lets nobody in without TLS.
        await #expect(throws: PostgresError.self) {
            try await connect("\(target) sslmode=disable password='\(password)'")
        }
        #expect(try !server.log().contains(password))
        await connection.close()
        await administrator.close()
        try await server.remove()
    }

    @Test("a host beyond this machine is verified in full unless told otherwise, and never spoken to in clear text")
    func defaults() throws {
        func mode(_ text: String, permitsPlaintext: Bool = false) throws -> String? {
            var configuration = try PostgresConfiguration(parsing: text)
            configuration.permitsPlaintext = permitsPlaintext
            try configuration.checkEncryption()
            return configuration.defaultEncryption ?? configuration[option: "sslmode"]
        }
        for local in [
            "host=/run/x", "host=localhost", "host=127.3.2.1", "host=::1", "dbname=x", "host=a hostaddr=127.0.0.1",
        ] {
            #expect(try mode(local) == nil, "\(local)")
            #expect(try mode(local + " sslmode=disable") == "disable")
        }
        for remote in [
            "host=db.example", "host=10.0.0.1", "host=localhost,db.example", "hostaddr=2001:db8::1",
            "host=127.0.0.1.example",
            "host=localhost hostaddr=10.0.0.1",
        ] {
            #expect(try mode(remote) == "verify-full", "\(remote)")
            #expect(try mode(remote + " sslmode=require") == "require")
            for plain in ["disable", "allow", "prefer"] {
                let error = #expect(throws: PostgresError.self) { try mode("\(remote) sslmode=\(plain)") }
                #expect(error?.category == .configuration)
                #expect(try mode("\(remote) sslmode=\(plain)", permitsPlaintext: true) == plain)
            }
            #expect(try mode(remote, permitsPlaintext: true) == nil)
        }
    }

    @Test("a session that came out unencrypted beyond this machine is given up, whatever led to it")
    func outcome() throws {
        var configuration = PostgresConfiguration(environment: ["PGSERVICE": "fleet"])
        #expect(configuration.defaultEncryption == nil)
        for address in ["", "127.0.0.1", "::1"] { try configuration.check(isEncrypted: false, address: address) }
        try configuration.check(isEncrypted: true, address: "10.0.0.1")
        #expect(throws: PostgresError.self) { try configuration.check(isEncrypted: false, address: "10.0.0.1") }
        configuration.permitsPlaintext = true
        try configuration.check(isEncrypted: false, address: "10.0.0.1")
    }

    @Test("what a URL leaves open comes from the environment, as with libpq")
    func filled() throws {
        let environment = ["PGSSLMODE": "verify-ca", "PGHOST": "db.example", "PGPASSWORD": "hunter2", "PGUSER": "bob"]
        let configuration = try PostgresConfiguration(parsing: "user=ann dbname=x").filled(from: environment)
        #expect(configuration[option: "sslmode"] == "verify-ca")
        #expect(configuration[option: "user"] == "ann")
        #expect("\(configuration)" == "postgresql://ann@db.example:5432/x")
    }
}
