import Foundation

/// What is left of the file system that holds a path, to whoever is not root.
package struct DiskSpace: Sendable, Hashable {
    package let free: Int
    package let capacity: Int

    package init(free: Int, capacity: Int) { (self.free, self.capacity) = (free, capacity) }

    /// Nil when there is no such path, or it may not be looked at.
    package init?(path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let block = Int(status.f_frsize)
        self.init(free: Int(status.f_bavail) * block, capacity: Int(status.f_blocks) * block)
    }
}
