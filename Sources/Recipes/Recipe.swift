/// One experiment, complete: every key has its value, so the same recipe means the same run on every machine.
///
/// Written as YAML over the defaults of its objective (`RecipeLoader`), checked as a whole (`validated(for:)`), stored
/// with the run as canonical JSON and identified by its `RecipeFingerprint`.
package struct Recipe: Codable, Hashable, Sendable {
    package var name: String
    /// Seed of every random choice in the run; `run create` may put another in its place.
    package var seed: UInt64
    /// Name of a built-in model (`ViT-B-16-quickgelu`) or path of a file in open_clip's JSON.
    package var model: String
    package var start: Start
    package var objective: ObjectiveRecipe
    package var data: DataSource
    package var schedule: Schedule
    package var optimizer: Optimizer
    package var aggregation: Aggregation
    /// Ordered; the first rule whose pattern matches a parameter's path decides.
    package var parameters: [ParameterRule]
    package var evaluation: Evaluation
    package var export: Export

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, seed, model, start, objective, data, schedule, optimizer, aggregation, parameters
        case evaluation, export
    }

    /// Images behind one update; schedules advance by applied images over this number.
    package var imagesPerUpdate: Int { aggregation.imagesPerJob * aggregation.jobsPerStep }
}
