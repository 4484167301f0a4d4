import Foundation
import Postgres
import Synchronization

/// A test server's directory under /tmp, locked by its process, so that a later run knows whether it is still in use.
package struct TestServerDirectory: Sendable {
    package let path: String

    /// Holds the lock for the life of the process; the kernel releases it however that ends.
    private let lockDescriptor: Int32

    package var server: String { path + "/server" }
    private static var prefix: String { "stillhouse-test-\(getuid())-" }
    private static let live = Mutex<TestServerDirectory?>(nil)

    /// Under /tmp whatever TMPDIR says: a socket's path must be short.
    package init() throws {
        var template = Array("/tmp/\(Self.prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        path = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        // Root's server runs as another user, who has to pass through.
        chmod(path, 0o711)
        guard let descriptor = Self.lock(path) else { throw POSIXError(.EBUSY) }
        lockDescriptor = descriptor
    }

    private static func lock(_ path: String) -> Int32? {
        let descriptor = open(path + "/owner", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Also covers a failing run; a killed one is cleaned up after by the next.
    func removeAtExit() {
        Self.live.withLock { $0 = self }
        atexit {
            TestServerDirectory.live.withLock { directory in
                if let directory { TestServerDirectory.remove(directory.path) }
            }
        }
    }

    /// Ends servers and removes directories whose processes are gone.
    static func removeStale() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        for name in names where name.hasPrefix(prefix) {
            let path = "/tmp/" + name
            guard FileManager.default.fileExists(atPath: path + "/owner"), let descriptor = lock(path) else { continue }
            remove(path)
            close(descriptor)
        }
    }

    /// Ends the server in it, if any, and deletes everything.
    package func remove() { Self.remove(path) }

    /// Ends the server in it at once, if there is one.
    package func endServer() { Self.endServer(in: path) }

    private static func remove(_ path: String) {
        endServer(in: path)
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func endServer(in path: String) {
        let data = path + "/server/data"
        guard let postmaster = Postmaster(file: data + "/postmaster.pid"), postmaster.isAlive(in: data) else { return }
        kill(postmaster.processIdentifier, SIGQUIT)
        let deadline = ContinuousClock.now + .seconds(5)
        while postmaster.isAlive(in: data), ContinuousClock.now < deadline { usleep(5000) }
    }
}
