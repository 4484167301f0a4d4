import Configs
package import Datasets
import Foundation

extension ClassList {
    /// The shipped list of that name, or the list in a file.
    ///
    /// - Throws: `DatasetError.unreadableFile` where there is neither, `.invalidClassList` for what is no list.
    package static func named(_ nameOrPath: String) throws(DatasetError) -> ClassList {
        if let text = Presets.classLists[nameOrPath] { return try ClassList(text: text, source: nameOrPath) }
        guard FileManager.default.fileExists(atPath: nameOrPath) else {
            let shipped = Presets.classLists.keys.sorted().joined(separator: ", ")
            throw .unreadableFile(path: nameOrPath, cause: "no such file or shipped class list (\(shipped))")
        }
        return try ClassList(contentsOf: nameOrPath)
    }
}
