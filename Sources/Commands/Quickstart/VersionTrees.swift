import Layers
import Models
import Recipes
import Stores
import Tensors
import Transfers

/// The weights of a run's versions, as trees to measure with.
struct VersionTrees {
    /// Those that the run started from, which are CLIPSelf's teacher.
    let start: ParameterTree
    private let run: Run
    private let plan: TrainingPlan
    private let weights: WeightStore
    private let base: ParameterTree
    private let backend: any Backend

    /// Nil where the first version is not there.
    init?(_ weights: WeightStore, _ run: Run, plan: TrainingPlan, on backend: any Backend) async throws {
        guard let version = try await weights.version(number: 0, of: run.id) else { return nil }
        let reader = WeightReader(weights)
        var traffic = WeightReader.Traffic()
        let frozen = try await reader.read(.frozen, of: version.id, count: plan.frozen.count, traffic: &traffic)
        let student = try await reader.read(.student, of: version.id, count: plan.student.count, traffic: &traffic)
        base = try plan.base(frozen: frozen, on: backend)
        start = try plan.tree(student: student, over: base, on: backend)
        (self.run, self.plan, self.weights, self.backend) = (run, plan, weights, backend)
    }

    /// The version with this number, as it was trained: not mixed with the start weights. Nil where it is not there.
    func student(number: Int) async throws -> ParameterTree? {
        guard let version = try await weights.version(number: number, of: run.id) else { return nil }
        var traffic = WeightReader.Traffic()
        let flat = try await WeightReader(weights)
            .read(.student, of: version.id, count: plan.student.count, traffic: &traffic)
        return try plan.tree(student: flat, over: base, on: backend)
    }
}
