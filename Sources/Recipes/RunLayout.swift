import Foundation
package import Layers

/// Which tensors a run's flat vectors are made of, as stored with the run.
package struct RunLayout: Codable, Hashable, Sendable {
    /// What trains.
    package var student: ParameterLayout
    /// All else that the model reads.
    package var frozen: ParameterLayout
    /// What the start weights hold beyond the model, such as a text tower: kept for exports, never sent to workers.
    package var carried: ParameterLayout

    package init(student: ParameterLayout, frozen: ParameterLayout, carried: ParameterLayout) {
        self.student = student
        self.frozen = frozen
        self.carried = carried
    }

    package init(json: String) throws {
        self = try JSONDecoder().decode(RunLayout.self, from: Data(json.utf8))
    }

    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
