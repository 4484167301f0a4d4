internal import CLibPQ

extension Wire {
    /// Salted and hashed by libpq, without asking the server.
    func verifier(of password: String, for role: String) throws(PostgresError) -> String {
        guard let verifier = PQencryptPasswordConn(connection, password, role, "scram-sha-256") else {
            throw PostgresError(
                .unencodable,
                "the password of \"\(role)\" cannot be hashed",
                nextStep: "Use another password, without control characters",
                isUnexecuted: true
            )
        }
        defer { PQfreemem(verifier) }
        return String(cString: verifier)
    }
}
