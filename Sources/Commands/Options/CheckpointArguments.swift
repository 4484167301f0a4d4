package import ArgumentParser
package import Checkpoints
package import Models

extension CheckpointLayout: ExpressibleByArgument {}

/// `fp32`, `fp16` or `bf16`.
extension CheckpointTensor.DType: ExpressibleByArgument {
    package init?(argument: String) {
        guard let dtype = Self.precisions[argument] else { return nil }
        self = dtype
    }

    package static var allValueStrings: [String] { precisions.keys.sorted() }

    package var defaultValueDescription: String {
        Self.precisions.first { $0.value == self }?.key ?? rawValue
    }
}
