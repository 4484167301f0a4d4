import Foundation

/// A file that appears under its name only when it is complete and on disk: readers never see half of it.
///
/// Bytes go to a hidden temporary file beside the target; `commit()` syncs, renames over the target and syncs the
/// directory. Dropped without a commit, it leaves nothing behind.
final class AtomicFile {
    let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    init(replacing path: String) throws(CheckpointError) {
        let url = URL(fileURLWithPath: path)
        let name = ".\(url.lastPathComponent).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).partial"
        let temporaryPath = url.deletingLastPathComponent().appendingPathComponent(name).path
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(file: path, reason: String(cString: strerror(errno))) }
        self.path = path
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(temporaryPath) }
    }

    func append(_ bytes: [UInt8]) throws(CheckpointError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            written += count
        }
    }

    /// Puts the bytes on disk, still under the temporary name.
    func sync() throws(CheckpointError) {
        guard fsync(descriptor) == 0 else { throw failure() }
    }

    func commit() throws(CheckpointError) {
        try sync()
        guard rename(temporaryPath, path) == 0 else { throw failure() }
        isCommitted = true
        // The rename itself must survive a power cut, which takes the directory's own sync.
        let directory = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private func failure() -> CheckpointError {
        .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
}
