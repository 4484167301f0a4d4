/// Whose opinion the targets of an objective are.
package enum TargetSource: Hashable, Sendable {
    /// The teacher's, whatever its policy.
    case teacher
    /// That of what the student reads and never trains: the same for the whole run, whoever teaches.
    case frozenPart
}
