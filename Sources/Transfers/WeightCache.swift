package import Checkpoints
package import Foundation
import Synchronization

/// Chunks of weights on this machine's disk, each a file named by the SHA-256 digest of its bytes.
///
/// A file is written under a temporary name and renamed, and its digest is checked whenever it is read, so a torn or
/// rotten file is a miss and never wrong weights. The cache holds at most `capacity` bytes; what was used longest ago
/// goes first. Several processes may share one directory.
package final class WeightCache: Sendable {
    private struct Entry {
        var byteCount: Int
        var lastUse: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var totalByteCount = 0
        var useCounter: UInt64 = 0
    }

    private let directory: URL
    private let capacity: Int
    private let state: Mutex<State>

    /// Opens the cache, taking over the files that an earlier process left.
    /// - Throws: `TransferError.cacheUnusable` when the directory cannot be made or listed.
    package init(directory: URL, capacity: Int) throws(TransferError) {
        self.directory = directory
        self.capacity = capacity
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            state = Mutex(try Self.scan(directory))
        } catch {
            throw .cacheUnusable(path: directory.path, reason: "\(error)")
        }
    }

    /// The bytes named `digest`, or nil when they are not here or no longer match their name.
    package func read(_ digest: Digest) -> [UInt8]? {
        let url = file(digest)
        guard let data = try? Data(contentsOf: url) else {
            forget(digest)
            return nil
        }
        let bytes = [UInt8](data)
        guard Digest(of: bytes) == digest else {
            try? FileManager.default.removeItem(at: url)
            forget(digest)
            return nil
        }
        note(digest, byteCount: bytes.count)
        return bytes
    }

    /// Lends the bytes of a file named `digest` to whoever checks them: false from there, as any other miss, means that the
    /// file is not what its name says, and removes it.
    package func read(_ digest: Digest, _ accept: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        let url = file(digest)
        guard let data = try? Data(contentsOf: url) else {
            forget(digest)
            return false
        }
        guard data.withUnsafeBytes(accept) else {
            try? FileManager.default.removeItem(at: url)
            forget(digest)
            return false
        }
        note(digest, byteCount: data.count)
        return true
    }

    /// Keeps `bytes` under their digest and makes room for them. A full disk is no error: the next read is a miss.
    package func write(_ bytes: [UInt8], digest: Digest) {
        bytes.withUnsafeBytes { write($0, digest: digest) }
    }

    /// The same from memory that is lent.
    package func write(_ bytes: UnsafeRawBufferPointer, digest: Digest) {
        let temporary = directory.appendingPathComponent(".\(UUID().uuidString)")
        do {
            try Self.lend(bytes).write(to: temporary)
            guard rename(temporary.path, file(digest).path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            return
        }
        note(digest, byteCount: bytes.count)
        for victim in evictions() { try? FileManager.default.removeItem(at: directory.appendingPathComponent(victim)) }
    }

    /// Data that is used while the bytes are there, and not copied.
    private static func lend(_ bytes: UnsafeRawBufferPointer) -> Data {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return Data() }
        return Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count, deallocator: .none)
    }

    private func file(_ digest: Digest) -> URL { directory.appendingPathComponent(digest.description) }

    private func note(_ digest: Digest, byteCount: Int) {
        state.withLock { state in
            state.useCounter += 1
            let old = state.entries.updateValue(
                Entry(byteCount: byteCount, lastUse: state.useCounter),
                forKey: digest.description
            )
            state.totalByteCount += byteCount - (old?.byteCount ?? 0)
        }
    }

    private func forget(_ digest: Digest) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: digest.description) else { return }
            state.totalByteCount -= entry.byteCount
        }
    }

    private func evictions() -> [String] {
        state.withLock { state in
            guard state.totalByteCount > capacity else { return [] }
            var victims: [String] = []
            for (name, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
                guard state.totalByteCount > capacity else { break }
                state.entries[name] = nil
                state.totalByteCount -= entry.byteCount
                victims.append(name)
            }
            return victims
        }
    }

    /// Files already here, oldest modification first in the order of use.
    private static func scan(_ directory: URL) throws -> State {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
        let files = try FileManager.default.contentsOfDirectory(
            at: directory,
            includingPropertiesForKeys: Array(keys),
            options: .skipsHiddenFiles
        )
        let found = files.compactMap { url -> (name: String, size: Int, date: Date)? in
            guard let values = try? url.resourceValues(forKeys: keys), let size = values.fileSize else { return nil }
            return (url.lastPathComponent, size, values.contentModificationDate ?? .distantPast)
        }
        var state = State()
        for item in found.sorted(by: { $0.date < $1.date }) {
            state.useCounter += 1
            state.entries[item.name] = Entry(byteCount: item.size, lastUse: state.useCounter)
            state.totalByteCount += item.size
        }
        return state
    }
}
