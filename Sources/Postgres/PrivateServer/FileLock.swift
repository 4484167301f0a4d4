import Foundation

/// An advisory lock between processes, held until this value goes; the kernel frees a dead holder's.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for another holder, which is a starter at work, for as long as one may take.
    init(_ path: String, patience: Duration) throws(PostgresError) {
        // Closed on exec: a postmaster that inherited the descriptor would hold the lock for its whole life.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw PostgresError(.privateServer, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        let deadline = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < deadline else {
                close(descriptor)
                throw PostgresError(
                    .privateServer,
                    "another process has been starting or stopping the server for \(patience)",
                    nextStep: "Find it (fuser \(path)) and end it, then try again"
                )
            }
            usleep(20_000)
        }
    }

    deinit { close(descriptor) }
}
