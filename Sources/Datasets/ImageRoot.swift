import Foundation

/// Where the pictures of a dataset lie on this machine: a directory, or an http(s) address that stands for one.
///
/// Reading fails in two ways that must not be confused: ``DatasetError/tooManyBytes(key:limit:)`` lies in the picture,
/// everything else in the access to it and may go better elsewhere.
package struct ImageRoot: Sendable {
    private enum Location: Sendable {
        case directory(String)
        case http(HTTPImageSource)
    }

    private let location: Location
    /// Larger files are refused; the default is above any photograph.
    package let byteLimit: Int

    /// - Parameter text: a path, a `file://` address, or an http(s) base address.
    package init(_ text: String, byteLimit: Int = 256 << 20) throws(DatasetError) {
        self.byteLimit = byteLimit
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            location = .http(try HTTPImageSource(text))
            return
        }
        let path = text.hasPrefix("file://") ? (URL(string: text)?.path ?? "") : text
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw .invalidRoot(text, cause: "no such directory")
        }
        location = .directory(path)
    }

    package init(_ source: HTTPImageSource, byteLimit: Int = 256 << 20) {
        location = .http(source)
        self.byteLimit = byteLimit
    }

    /// For messages: the path, or the address without user and password.
    package var name: String {
        switch location {
        case .directory(let path): path
        case .http(let source): source.name
        }
    }

    /// Nil for http roots, which cannot be listed.
    package var directory: String? {
        if case .directory(let path) = location { path } else { nil }
    }

    package func bytes(of key: String) async throws(DatasetError) -> [UInt8] {
        try await bytes(of: key, prefix: nil)
    }

    /// The first `count` bytes, or all if the file is shorter; an http server that ignores ranges may send more.
    package func leadingBytes(of key: String, count: Int) async throws(DatasetError) -> [UInt8] {
        try await bytes(of: key, prefix: count)
    }

    /// Bytes of a large file from a place on: fewer where it ends before, none behind its end.
    package func bytes(of file: String, at offset: Int64, count: Int) async throws(DatasetError) -> [UInt8] {
        let checked = try ImageKey(file)
        switch location {
        case .http(let source): return try await source.bytes(of: checked, at: offset, count: count)
        case .directory(let directory):
            let path = Self.path(directory, file)
            return try await read(file, directory) { () throws(LocalFile.Failure) in
                try LocalFile.read(path, at: offset, count: count)
            }
        }
    }

    /// The stored picture of a sample, a file of its own or a part of a shard.
    package func bytes(of sample: Sample) async throws(DatasetError) -> [UInt8] {
        guard let place = sample.place else { return try await bytes(of: sample.key) }
        guard place.byteCount <= Int64(byteLimit) else { throw .tooManyBytes(key: sample.key, limit: byteLimit) }
        let found = try await bytes(of: place.file, at: place.offset, count: Int(place.byteCount))
        guard found.count == Int(place.byteCount) else {
            let cause = "\(place.file) ends within its \(place.byteCount) bytes"
            throw .changed(key: sample.key, root: name, cause: cause)
        }
        return found
    }

    private func bytes(of key: String, prefix: Int?) async throws(DatasetError) -> [UInt8] {
        let checked = try ImageKey(key)
        switch location {
        case .http(let source): return try await source.bytes(of: checked, prefix: prefix, limit: byteLimit)
        case .directory(let directory):
            let path = Self.path(directory, key)
            let limit = byteLimit
            return try await read(key, directory) { () throws(LocalFile.Failure) in
                try LocalFile.read(path, prefix: prefix, limit: limit)
            }
        }
    }

    private static func path(_ directory: String, _ key: String) -> String {
        directory.hasSuffix("/") ? directory + key : directory + "/" + key
    }

    /// A disk may hang; the cooperative threads must not hang with it.
    private func read(
        _ key: String,
        _ directory: String,
        _ work: @escaping @Sendable () throws(LocalFile.Failure) -> [UInt8]
    ) async throws(DatasetError) -> [UInt8] {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(LocalFile.Failure) in try work() })
            }
        }
        return try result.mapError { $0.asDatasetError(key, root: directory, limit: byteLimit) }.get()
    }
}

extension LocalFile.Failure {
    fileprivate func asDatasetError(_ key: String, root: String, limit: Int) -> DatasetError {
        switch self {
        case .notFound: .notFound(key: key, root: root)
        case .tooManyBytes: .tooManyBytes(key: key, limit: limit)
        case .unreadable(let cause): .unreadable(key: key, root: root, cause: cause)
        }
    }
}
