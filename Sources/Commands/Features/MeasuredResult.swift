import Evaluators

/// A result together with what was measured; in JSON, `weights` and `prepare` stand beside the result's own keys.
struct MeasuredResult<Result: Encodable>: Encodable {
    let weights: MeasuredWeights.Origin
    let prepare: ImagePreparation
    let result: Result

    private enum CodingKeys: String, CodingKey {
        case weights, prepare
    }

    func encode(to encoder: any Encoder) throws {
        try result.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(weights, forKey: .weights)
        try container.encode(prepare, forKey: .prepare)
    }
}
