package import Tensors

/// How a parameter starts when no checkpoint supplies it; a module states this beside the parameter's shape.
package enum Initialization: Hashable, Sendable {
    case constant(Float)
    /// Independent draws of mean 0.
    case normal(deviation: Double)
    /// Independent draws from [−bound, bound).
    case uniform(bound: Double)
    /// Given numbers, to which independent draws of mean 0 are added from place `from` on.
    case near([Float], deviation: Double, from: Int)

    package static let zeros = Initialization.constant(0)
    package static let ones = Initialization.constant(1)

    /// PyTorch's default for the weight and bias of linear and convolution layers.
    ///
    /// - SeeAlso: He et al. 2015, arXiv:1502.01852, with a = √5, where the bound is 1/√fanIn.
    package static func fanIn(_ inputs: Int) -> Initialization {
        .uniform(bound: 1 / Double(inputs).squareRoot())
    }

    /// The values of one parameter, drawn in storage order from slots 0, 1, 2, … of the generator.
    package func values(count: Int, generator: RandomGenerator) -> [Float] {
        switch self {
        case .constant(let value):
            [Float](repeating: value, count: count)
        case .normal(let deviation):
            (0..<count).map { Float(deviation * generator.normal(at: $0)) }
        case .uniform(let bound):
            (0..<count).map { Float(bound * (2 * generator.uniform(at: $0) - 1)) }
        case .near(let numbers, let deviation, let start):
            (0..<count).map { place in
                let given = place < numbers.count ? numbers[place] : 0
                return place < start ? given : Float(Double(given) + deviation * generator.normal(at: place))
            }
        }
    }
}
