import Foundation

/// An open regular file, read at given offsets; closes itself.
///
/// Positioned reads rather than a memory map: a mapped file that another process truncates kills this one with SIGBUS,
/// whereas a short read is an error with a name.
final class FileReader: Sendable {
    let path: String
    let byteCount: Int
    private let descriptor: Int32

    init(opening path: String) throws(CheckpointError) {
        // Non-blocking, so that a named pipe in the file's place is reported instead of waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notARegularFile(file: path)
        }
        self.path = path
        self.byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The bytes of `range`, all of them.
    ///
    /// - Throws: `CheckpointError.unreadable` also when the file has become shorter since it was opened.
    func bytes(in range: Range<Int>) throws(CheckpointError) -> [UInt8] {
        var failure: CheckpointError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initializedCount in
            while initializedCount < range.count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[initializedCount..<range.count]
                )
                let count = pread(descriptor, rest.baseAddress, rest.count, off_t(range.lowerBound + initializedCount))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    let reason = count < 0 ? String(cString: strerror(errno)) : "it has become shorter while being read"
                    failure = .unreadable(file: path, reason: reason)
                    return
                }
                initializedCount += count
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
