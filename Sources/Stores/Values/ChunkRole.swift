import Postgres

/// What a chunk of a version is a part of; frozen and trainable tensors never share a chunk.
package enum ChunkRole: Int16, CaseIterable, Sendable, Codable, PostgresEncodable, PostgresDecodable {
    /// The trainable slices, flat, in the order of the run's layout.
    case student = 0
    /// All other tensors that the model reads.
    case frozen = 1
    /// Tensors that the model does not read and that an export must still contain.
    case carried = 2
    case moment1 = 3
    case moment2 = 4
    /// The moving average of the student; of version 0 of a fork, the frozen teacher where that is not its student.
    case teacher = 5
    /// Running state that is no weight, such as the centre of SILC's teacher.
    case centre = 6
}
