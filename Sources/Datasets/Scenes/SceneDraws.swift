import Tensors

/// The random choices of one scene, one behind the other.
struct SceneDraws {
    private let generator: RandomGenerator
    private var next = 0

    /// In the list of views that each have draws of their own.
    static let view = 249

    init(_ seed: SampleSeed) {
        generator = seed.generator(view: Self.view)
    }

    mutating func uniform() -> Double {
        defer { next += 1 }
        return generator.uniform(at: next)
    }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    mutating func integer(below bound: Int) -> Int {
        defer { next += 1 }
        return generator.integer(below: bound, at: next)
    }

    /// - Precondition: there is something to choose from.
    mutating func element<Element>(of elements: [Element]) -> Element {
        elements[integer(below: elements.count)]
    }

    mutating func normal() -> Double {
        // Two draws make one normal number; they begin at an even place.
        next += next % 2
        defer { next += 2 }
        return generator.normal(at: next / 2)
    }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        defer { next += elements.count }
        return generator.shuffled(elements, firstDraw: next)
    }

    mutating func happens(_ probability: Double) -> Bool {
        uniform() < probability
    }
}
