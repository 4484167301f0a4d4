import Configs
package import Datasets
import Foundation

extension ClassList {
    /// The shipped list of that name, or the list in a file; text of several lines is the list itself, as recipes store it.
    ///
    /// - Throws: `DatasetError.unreadableFile` where there is neither, `.invalidClassList` for what is no list.
    package static func named(_ nameOrPath: String) throws(DatasetError) -> ClassList {
        if nameOrPath.contains("\n") { return try ClassList(text: nameOrPath, source: "the list of classes") }
        if let text = Presets.classLists[nameOrPath] { return try ClassList(text: text, source: nameOrPath) }
        guard FileManager.default.fileExists(atPath: nameOrPath) else {
            let shipped = Presets.classLists.keys.sorted().joined(separator: ", ")
            throw .unreadableFile(path: nameOrPath, cause: "no such file or shipped class list (\(shipped))")
        }
        return try ClassList(contentsOf: nameOrPath)
    }
}
