internal import CLibPQ
import Foundation

/// Runs a program to its end and keeps what it printed. Blocks: only for threads of our own.
///
/// Not Foundation's `Process`: on Linux that takes the closing of an inherited socket for the end of the child, and
/// pg_ctl leaves a daemon behind which keeps the socket open.
enum ChildProcess {
    struct Answer {
        let status: Int32
        /// Standard output and error, interleaved, without the white space around.
        let output: String
    }

    /// All that a program sees; a stray PGPORT or PGOPTIONS of ours would mislead it.
    private static let environment = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"]

    static func run(_ executable: String, _ arguments: [String]) throws(PostgresError) -> Answer {
        // A file, not a pipe: a daemon that kept its end open would keep the reader waiting.
        guard let file = tmpfile() else { throw failure(executable, errno) }
        defer { fclose(file) }
        let status = try wait(for: spawn(executable, arguments, output: fileno(file)), executable)
        rewind(file)
        let output = FileHandle(fileDescriptor: fileno(file), closeOnDealloc: false)
        let bytes = (try? output.readToEnd()) ?? Data()
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return Answer(status: status, output: text)
    }

    private static func spawn(
        _ executable: String,
        _ arguments: [String],
        output: Int32
    ) throws(PostgresError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        stillhouse_spawn_detached(&actions)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that we ignore or block would stay ignored or blocked in a daemon of ours.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        let words = ([executable] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, executable, &actions, &attributes, words, variables)
        guard code == 0 else { throw failure(executable, code) }
        return identifier
    }

    /// - Returns: the exit code, or 128 and the signal's number, as a shell would say.
    private static func wait(for child: pid_t, _ executable: String) throws(PostgresError) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw failure(executable, errno) }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func failure(_ executable: String, _ code: Int32) -> PostgresError {
        PostgresError(.privateServer, "\(executable) cannot be run: \(String(cString: strerror(code)))")
    }
}
