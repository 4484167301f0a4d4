import Layers
import Recipes
import Stores
import Transfers

/// What a version brings a worker, in memory: its student and, where the run has them, a moving teacher and a centre.
///
/// All of one version or nothing: each is rewritten in place, so whoever throws it away after an error loses no more
/// than a download.
struct HeldVersion: Sendable {
    private(set) var student: HeldVector?
    private var teacher: HeldVector?
    private var centre: HeldVector?

    /// Brings it to a version; only chunks that differ are looked for.
    ///
    /// - Throws: as `WeightReader.refresh`; then it is to be thrown away.
    mutating func refresh(
        to version: VersionID,
        of plan: TrainingPlan,
        from reader: WeightReader,
        traffic: inout WeightReader.Traffic
    ) async throws {
        try await reader.refresh(&student, .student, to: version, count: plan.student.count, traffic: &traffic)
        if plan.teacherSize > 0 {
            try await reader.refresh(&teacher, .teacher, to: version, count: plan.teacherSize, traffic: &traffic)
        }
        if plan.centreSize > 0 {
            try await reader.refresh(&centre, .centre, to: version, count: plan.centreSize, traffic: &traffic)
        }
    }

    /// Where a step reads it.
    func laidOut(for step: TrainingStep) throws -> VersionWeights {
        try step.weights(student?.flat ?? [], teacher: teacher?.flat, centre: centre?.flat)
    }
}
