extension Recipe {
    /// AdamW with decoupled decay.
    ///
    /// - SeeAlso: Loshchilov and Hutter 2019, arXiv:1711.05101.
    package struct Optimizer: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, CaseIterable, Sendable {
            case adamW = "adamw"
        }

        package var kind: Kind
        package var beta1: Double
        package var beta2: Double
        package var epsilon: Double
        /// Acts on tensors of two and more dimensions that no parameter rule takes.
        package var weightDecay: Double
        /// Largest global norm of the averaged gradient; null for no clipping.
        package var clipNorm: Double?

        package init(
            kind: Kind = .adamW,
            beta1: Double,
            beta2: Double,
            epsilon: Double,
            weightDecay: Double,
            clipNorm: Double? = nil
        ) {
            self.kind = kind
            self.beta1 = beta1
            self.beta2 = beta2
            self.epsilon = epsilon
            self.weightDecay = weightDecay
            self.clipNorm = clipNorm
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case kind, beta1, beta2, epsilon
            case weightDecay = "weight_decay"
            case clipNorm = "clip_norm"
        }
    }
}
