import Foundation

/// The process that a data directory's `postmaster.pid` names.
package struct Postmaster {
    package let processIdentifier: Int32

    /// - Returns: nil when the file is absent or unreadable: no server claims the directory.
    package init?(file: String) {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let line = text.split(separator: "\n").first,
            // A postmaster in single-user mode writes its number negated.
            let number = pid_t(line.trimmingCharacters(in: .whitespaces))
        else { return nil }
        processIdentifier = abs(number)
    }

    /// Whether that process lives and is this directory's server, rather than a later one that got the same number.
    package func isAlive(in data: String) -> Bool {
        guard kill(processIdentifier, 0) == 0 || errno == EPERM else { return false }
        let proc = "/proc/\(processIdentifier)"
        // A killed process stays visible until its parent has noticed.
        if let stat = try? String(contentsOfFile: proc + "/stat", encoding: .utf8) {
            if stat.contains(") Z ") { return false }
        }
        // The server's working directory is its data directory. Where the system does not tell, the number decides.
        guard let working = try? FileManager.default.destinationOfSymbolicLink(atPath: proc + "/cwd") else {
            return true
        }
        return working == URL(filePath: data).resolvingSymlinksInPath().path(percentEncoded: false)
            || working == data
    }
}
