import Foundation

/// Where initdb, pg_ctl, createdb and postgres of a new enough release are.
package struct ServerBinaries: Sendable, Hashable {
    package let directory: String
    package let majorVersion: Int

    /// Our SQL and libpq's pipeline mode are written for this release and later ones.
    package static let oldestVersion = 15

    static let names = ["initdb", "pg_ctl", "createdb", "postgres"]

    func path(_ name: String) -> String { directory + "/" + name }

    /// Looks through PATH, Debian's and Red Hat's versioned folders, and what pg_config says; the newest release wins.
    ///
    /// - Throws: `.privateServer`, saying what was found and what to install.
    /// - Parameter roots: folders with one installation a release; the system's unless given.
    package static func find(
        environment: [String: String],
        roots: [String] = ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/usr"]
    ) throws(PostgresError) -> ServerBinaries {
        let path = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
        var candidates = path + roots.flatMap(installations)
        for directory in path {
            let answer = try? ChildProcess.run(directory + "/pg_config", ["--bindir"])
            if let answer, answer.status == 0 { candidates.append(answer.output) }
        }
        var found: [ServerBinaries] = []
        var seen: Set<String> = []
        for directory in candidates where seen.insert(directory).inserted {
            if let version = version(in: directory) {
                found.append(ServerBinaries(directory: directory, majorVersion: version))
            }
        }
        // `max` keeps the last of equals; PATH, which the user controls, comes first.
        if let best = found.reversed().max(by: { $0.majorVersion < $1.majorVersion }),
            best.majorVersion >= oldestVersion
        {
            return best
        }
        let others = found.map { "\($0.majorVersion) in \($0.directory)" }.joined(separator: ", ")
        throw PostgresError(
            .privateServer,
            "no PostgreSQL \(oldestVersion) or newer on this machine"
                + (others.isEmpty ? "" : " (only \(others))"),
            nextStep: "Install it (Debian and Ubuntu: apt install postgresql), or put its bin directory on PATH"
        )
    }

    /// `<root>/15/bin` as Debian has it, `<root>/pgsql-15/bin` as Red Hat.
    private static func installations(under root: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .filter { $0.wholeMatch(of: /(pgsql-)?\d+/) != nil }
            .map { "\(root)/\($0)/bin" }
    }

    /// - Returns: nil unless all programs are there and postgres says which release it is.
    private static func version(in directory: String) -> Int? {
        guard names.allSatisfy({ FileManager.default.isExecutableFile(atPath: directory + "/" + $0) }) else {
            return nil
        }
        guard let answer = try? ChildProcess.run(directory + "/postgres", ["--version"]), answer.status == 0 else {
            return nil
        }
        return answer.output.firstMatch(of: /\) (\d+)/).flatMap { Int($0.1) }
    }
}
