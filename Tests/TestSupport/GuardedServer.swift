import Foundation
package import Postgres
import Testing

/// A server of a test's own that asks for passwords on an address of the loopback network that nobody else uses, and
/// may speak TLS with a certificate for `name`. Its Unix socket stays open to the administrator.
package struct GuardedServer: Sendable {
    /// In the certificate; no name server knows it.
    package static let name = "db.test"

    package let directory: TestServerDirectory
    package let administrator: PostgresConfiguration
    package let address: String
    private let server: PrivateServer

    /// - Parameter withTLS: makes a root and a certificate with openssl.
    package init(withTLS: Bool = false) async throws {
        directory = try TestServerDirectory()
        // 127.0.0.0/8 is all ours; the port is fixed.
        let numbers = (0..<3).map { _ in Int.random(in: 2...254) }
        address = "127." + numbers.map(String.init).joined(separator: ".")
        var configuration = PrivateServer.Configuration(directory: directory.server)
        let rules = directory.path + "/pg_hba.conf"
        let kind = withTLS ? "hostssl" : "host"
        try "local all all trust\n\(kind) all all 127.0.0.0/8 scram-sha-256\n"
            .write(toFile: rules, atomically: true, encoding: .utf8)
        configuration.settings = [
            "fsync": "off", "shared_buffers": "64MB", "listen_addresses": address, "hba_file": rules,
        ]
        if withTLS {
            try Self.makeCertificates(in: directory.path)
            configuration.settings["ssl"] = "on"
            configuration.settings["ssl_cert_file"] = directory.path + "/server.crt"
            configuration.settings["ssl_key_file"] = directory.path + "/server.key"
            configuration.settings["ssl_min_protocol_version"] = "TLSv1.2"
        }
        server = PrivateServer(configuration, binaries: try ServerBinaries.forTests())
        administrator = try await server.start()
    }

    package var rootCertificate: String { directory.path + "/root.crt" }
    /// Signed nothing.
    package var otherRoot: String { directory.path + "/other.crt" }

    package func log() throws -> String {
        try String(contentsOfFile: directory.server + "/server.log", encoding: .utf8)
    }

    package func remove() async throws {
        try await server.stop()
        directory.remove()
    }

    private static func makeCertificates(in folder: String) throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for root in ["root", "other"] {
            try openssl(
                ["req", "-x509"] + key + ["-keyout", "\(root).key", "-out", "\(root).crt", "-days", "2"]
                    + ["-subj", "/CN=\(root)"],
                in: folder
            )
        }
        try "subjectAltName=DNS:\(name)\n".write(toFile: folder + "/names", atomically: true, encoding: .utf8)
        try openssl(
            ["req"] + key + ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=\(name)"],
            in: folder
        )
        try openssl(
            ["x509", "-req", "-in", "server.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial"]
                + ["-days", "2", "-extfile", "names", "-out", "server.crt"],
            in: folder
        )
        chmod(folder + "/server.key", 0o600)
        // Root's server runs as another user, who must own its key.
        if geteuid() == 0, let account = (getpwnam("postgres") ?? getpwnam("nobody"))?.pointee {
            chown(folder + "/server.key", account.pw_uid, account.pw_gid)
        }
    }

    private static func openssl(_ arguments: [String], in folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "openssl \(arguments.first ?? "") failed; is it installed?")
    }
}
