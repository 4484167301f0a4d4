import Foundation
import Layers
import Models
import Tensors

extension MVPSEG {
    /// All that trains.
    package struct Prompts {
        /// First name of the prompts' parameters, which no model file has.
        package static let scope = "prompts"
        package static let contextsPath = "\(scope).contexts"
        package static let logScalePath = "\(scope).log_scale"
        package static let logTemperaturePath = "\(scope).log_gate_temperature"

        /// `[1 + k, N, W]`, the global prompt first.
        let contexts: Tensor
        /// θ₁ = ln τ₁, a scalar; at the start k·τ₁ is what the recipe says, CLIP's 100.
        let logScale: Tensor
        /// θ₂ = ln τ₂, a scalar.
        let logTemperature: Tensor

        /// - Parameter root: the top of the tree.
        init(_ root: ParameterScope, _ objective: MVPSEG, initialContexts: Initialization = .zeros) throws {
            let (scope, configuration) = (root(Self.scope), objective.configuration)
            contexts = try scope.parameter(
                "contexts",
                [1 + configuration.prompts, configuration.contexts, objective.text.width],
                initialContexts
            )
            let scale = (configuration.initialScale ?? 100) / Double(configuration.prompts)
            logScale = try scope.parameter("log_scale", [], .constant(Float(log(scale))))
            logTemperature = try scope.parameter("log_gate_temperature", [], .constant(Float(log(0.1))))
        }
    }
}
