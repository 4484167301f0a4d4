package import Datasets

/// Which classes the labels of pixels speak of, and which of them training must not see.
package struct LabelClasses: Hashable, Sendable {
    /// The class list itself, a class a line; empty for the dataset's.
    package var text: String
    /// Names in place of those that the list marks; empty for the list's.
    package var unseen: [String]

    package init(_ text: String, unseen: [String] = []) { (self.text, self.unseen) = (text, unseen) }

    /// The classes with the unseen ones marked.
    ///
    /// - Throws: `DatasetError.invalidClassList`, also for an unseen name that no class bears.
    package func list() throws(DatasetError) -> ClassList {
        let list = try ClassList(text: text, source: "objective.classes")
        return unseen.isEmpty ? list : try list.marking(unseen: unseen, source: "objective.unseen")
    }
}
