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
        let (descriptor, size) = try opened(path)
        defer { close(descriptor) }
        if size > limit { throw .tooManyBytes }
        return try contents(descriptor, at: 0, count: min(size, prefix ?? size))
    }

    /// Bytes from a place on: fewer where the file ends before, none behind its end.
    static func read(_ path: String, at offset: Int64, count: Int) throws(Failure) -> [UInt8] {
        let (descriptor, size) = try opened(path)
        defer { close(descriptor) }
        return try contents(descriptor, at: offset, count: max(0, Int(min(Int64(count), Int64(size) - offset))))
    }

    private static func opened(_ path: String) throws(Failure) -> (descriptor: Int32, size: Int) {
        // Not to wait for a writer, should the path be a FIFO; regular files ignore the flag.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable(String(cString: strerror(errno)))
        }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        if isKnown && status.st_mode & S_IFMT == S_IFREG { return (descriptor, Int(status.st_size)) }
        let cause = isKnown ? "not a regular file" : String(cString: strerror(errno))
        close(descriptor)
        throw .unreadable(cause)
    }

    private static func contents(_ descriptor: Int32, at offset: Int64, count: Int) throws(Failure) -> [UInt8] {
        var cause: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let place = off_t(offset) + off_t(filled)
                let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, place)
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
