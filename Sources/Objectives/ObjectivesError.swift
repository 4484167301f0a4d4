/// What a caller handed to an objective that it cannot work with.
package enum ObjectivesError: Error, Hashable, Sendable, CustomStringConvertible {
    case missingTeacher(objective: String)
    /// What was published of a sample is not what is computed of it again.
    case embeddingMismatch(sample: Int64, difference: Double)
    /// The label of a class that training must not see has come through.
    case unseenLabel(sample: Int64, label: Int)

    package var description: String {
        switch self {
        case .missingTeacher(let objective):
            "\(objective) compares the student with a teacher, and none was given. Pass the start weights."
        case .unseenLabel(let sample, let label):
            "Sample \(sample) has cells of class \(label), which the class list marks as unseen. Results of this run would be "
                + "worth nothing: look at `objective.classes`, and report this, as such labels are withheld."
        case .embeddingMismatch(let sample, let difference):
            "The embedding of sample \(sample) differs by \(difference) from the one that was published for this update. Do "
                + "the machines read the same pictures, and do they run the same build?"
        }
    }
}
