/// What decides a target beside picture, rectangle and teacher: how a rectangle becomes what the teacher is shown.
package struct TargetRule: Hashable, Sendable {
    /// Every setting and every version of code that a target depends on, in words; other words mean other targets.
    package var name: String
    /// E, the numbers of a target.
    package var size: Int
    /// Unit vectors of which a target consists; `size` is a multiple.
    package var rows: Int
    /// Whether other machines are told, through the database; else a worker remembers for itself.
    package var isShared: Bool

    package init(name: String, size: Int, rows: Int = 1, isShared: Bool = true) {
        precondition(rows > 0 && size % rows == 0, "\(size) numbers are no \(rows) vectors")
        self.name = name
        self.size = size
        self.rows = rows
        self.isShared = isShared
    }
}
