import Foundation

/// Lists the files of a directory tree.
enum DirectoryTree {
    private struct Folder {
        let path: String
        let prefix: String
        /// This folder and all above it; meeting one again below is a circle of links.
        let identities: Set<Identity>
    }

    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// Paths below `root`, sorted by their bytes, so that the order is the same under every locale and file system.
    /// Links that lead nowhere are listed too: whoever reads them says so.
    static func files(below root: String, where isWanted: (String) -> Bool) throws(DatasetError) -> [String] {
        var keys: [String] = []
        var pending = [Folder(path: root, prefix: "", identities: status(root).folder.map { [$0] } ?? [])]
        while let folder = pending.popLast() {
            for name in try names(in: folder.path) where !name.hasPrefix(".") {
                let path = folder.path + "/" + name
                let (identity, isFile) = status(path)
                if let identity {
                    if folder.identities.contains(identity) { continue }
                    let identities = folder.identities.union([identity])
                    pending.append(Folder(path: path, prefix: folder.prefix + name + "/", identities: identities))
                } else if isFile && isWanted(name) {
                    keys.append(folder.prefix + name)
                }
            }
        }
        return keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func names(in path: String) throws(DatasetError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .unreadableFile(path: path, cause: "cannot be listed (\(error.localizedDescription))")
        }
    }

    private static func status(_ path: String) -> (folder: Identity?, isFile: Bool) {
        var status = stat()
        guard stat(path, &status) == 0 else { return (nil, true) }
        if status.st_mode & S_IFMT == S_IFDIR {
            let identity = Identity(
                device: UInt64(truncatingIfNeeded: status.st_dev),
                inode: UInt64(truncatingIfNeeded: status.st_ino)
            )
            return (identity, false)
        }
        return (nil, status.st_mode & S_IFMT == S_IFREG)
    }
}
