import Stores
import Transfers

/// What updates move, as flat vectors: the triple that a version publishes, and the moments of a durable one.
package struct VersionVectors: Sendable, Hashable {
    package var student: [Float]
    /// A moving one's own numbers; empty under other policies.
    package var teacher: [Float]
    /// Running state of the objective; empty for none.
    package var centre: [Float]
    /// What training goes on from beside the above; nil where nobody means to.
    package var moments: Moments?

    /// Each over the same range as the student.
    package struct Moments: Sendable, Hashable {
        package var first: [Float]
        package var second: [Float]

        package init(first: [Float], second: [Float]) { (self.first, self.second) = (first, second) }
    }

    package init(student: [Float], teacher: [Float] = [], centre: [Float] = [], moments: Moments? = nil) {
        (self.student, self.teacher, self.centre, self.moments) = (student, teacher, centre, moments)
    }

    /// All that has any numbers: what has none has no chunks either.
    var byRole: [(role: ChunkRole, flat: [Float])] {
        let all: [(ChunkRole, [Float])] = [
            (.student, student), (.moment1, moments?.first ?? []), (.moment2, moments?.second ?? []),
            (.teacher, teacher), (.centre, centre),
        ]
        return all.filter { !$0.1.isEmpty }
    }

    /// What the chunks are called, whether they are stored or not.
    var references: [ChunkReference] { byRole.flatMap { WeightWriter.references(to: $0.flat, as: $0.role) } }

    /// The roles of the triple.
    static let published = [ChunkRole.student, .teacher, .centre]
}

extension WeightWriter {
    /// Stores all of it that the database lacks.
    ///
    /// - Parameter known: what chunks are called, of those roles for which that is known.
    func write(
        _ vectors: VersionVectors,
        in storage: ChunkStorage,
        known: [ChunkReference] = []
    ) async throws -> [ChunkReference] {
        let known = Dictionary(grouping: known, by: \.role)
        var references: [ChunkReference] = []
        for (role, flat) in vectors.byRole {
            references += try await write(flat, as: role, in: storage, known: known[role])
        }
        return references
    }
}
