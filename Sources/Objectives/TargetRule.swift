/// What decides a target beside picture, rectangle and teacher: how a rectangle becomes what the teacher is shown.
package struct TargetRule: Hashable, Sendable {
    /// Every setting and every version of code that a target depends on, in words; other words mean other targets.
    package var name: String
    /// E, the numbers of a target.
    package var size: Int

    package init(name: String, size: Int) {
        self.name = name
        self.size = size
    }
}
