import Foundation

/// Reads regular files whole, bounded, by plain POSIX calls; it blocks.
enum LocalFile {
    enum Failure: Error {
        case notFound
        case tooManyBytes
        case unreadable(String)
    }

    /// - Parameters:
    ///   - prefix: how many bytes are wanted at most; nil for all.
    ///   - limit: more bytes than this are a failure, before any is read.
    static func read(_ path: String, prefix: Int? = nil, limit: Int) throws(Failure) -> [UInt8] {
        // Not to wait for a writer, should the path be a FIFO; regular files ignore the flag.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable(String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable("not a regular file") }
        let size = Int(status.st_size)
        if size > limit { throw .tooManyBytes }
        return try contents(descriptor, count: min(size, prefix ?? size))
    }

    private static func contents(_ descriptor: Int32, count: Int) throws(Failure) -> [UInt8] {
        var cause: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Foundation.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { cause = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        if cause != 0 { throw .unreadable(String(cString: strerror(cause))) }
        return bytes
    }

    /// For files named by the user rather than by a dataset.
    static func bytes(at path: String, limit: Int) throws(DatasetError) -> [UInt8] {
        do {
            return try read(path, limit: limit)
        } catch {
            switch error {
            case .notFound: throw .unreadableFile(path: path, cause: "no such file")
            case .tooManyBytes: throw .unreadableFile(path: path, cause: "more than \(limit) bytes")
            case .unreadable(let cause): throw .unreadableFile(path: path, cause: cause)
            }
        }
    }
}
