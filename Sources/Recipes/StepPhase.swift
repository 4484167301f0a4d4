/// A part of a job's work that is timed; declared in the order in which a picture passes through them.
package enum StepPhase: String, CaseIterable, Codable, Hashable, Sendable {
    /// Reading a picture's bytes and decoding them.
    case decode
    /// Choosing regions, cropping and resizing.
    case prepare
    /// What the teacher says of its views.
    case teacher
    /// The student's loss.
    case forward
    /// Its gradient, and adding that up.
    case backward
}
