/// An error that already knows its message and the exit status that goes with it.
package struct CommandFailure: Error, CustomStringConvertible {
    package let status: ExitStatus
    /// What happened, to which object, and the next step.
    package let description: String

    package init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}
