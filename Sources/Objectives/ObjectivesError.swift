/// What a caller handed to an objective that it cannot work with.
package enum ObjectivesError: Error, Hashable, Sendable, CustomStringConvertible {
    case missingTeacher(objective: String)

    package var description: String {
        switch self {
        case .missingTeacher(let objective):
            "\(objective) compares the student with a teacher, and none was given. Pass the start weights."
        }
    }
}
