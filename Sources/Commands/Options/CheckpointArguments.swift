import ArgumentParser
import Checkpoints
import Models

extension CheckpointLayout: ExpressibleByArgument {}

/// `fp32`, `fp16` or `bf16`.
extension CheckpointTensor.DType: ExpressibleByArgument {
    init?(argument: String) {
        guard let dtype = Self.precisions[argument] else { return nil }
        self = dtype
    }

    static var allValueStrings: [String] { precisions.keys.sorted() }

    var defaultValueDescription: String {
        Self.precisions.first { $0.value == self }?.key ?? rawValue
    }
}
