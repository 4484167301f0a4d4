import Checkpoints
import Foundation
import OrderedCollections
import Testing

struct CheckpointComparisonTests {
    private static let left = Checkpoint(tensors: [
        "same": CheckpointTensor([1, .nan], shape: [2]),
        "moved": CheckpointTensor([3, 4, 0], shape: [3]),
        "shaped": CheckpointTensor([1], shape: [1]),
        "gone": CheckpointTensor([1], shape: [1]),
    ])
    private static let right = Checkpoint(tensors: [
        "moved": CheckpointTensor([3, 4, 0.5], shape: [3]),
        "same": CheckpointTensor([1, .nan], shape: [2]),
        "shaped": CheckpointTensor([1], shape: []),
        "new": CheckpointTensor([1], shape: [1]),
    ])

    @Test("differences are measured tensor by tensor, and one-sided keys listed")
    func difference() throws {
        let comparison = try CheckpointComparison(Self.left, Self.right)
        #expect(!comparison.isIdentical)
        #expect(comparison.tensors.map(\.name) == ["same", "moved"])
        #expect(comparison.tensors.map(\.isIdentical) == [true, false])
        #expect(comparison.tensors[1].maximumAbsolute == 0.5)
        #expect(comparison.tensors[1].relativeL2 == 0.1)
        #expect(abs((comparison.tensors[1].cosine ?? 0) - 25 / (5 * 25.25.squareRoot())) < 1e-15)
        #expect(
            comparison.onlyLeft == ["gone"] && comparison.onlyRight == ["new"] && comparison.otherShape == ["shaped"]
        )
    }

    @Test("the text gives the verdict, the one-sided keys, and a row for each difference")
    func description() throws {
        #expect(
            try CheckpointComparison(Self.left, Self.right).description == """
                different: 1 of 2 common tensors identical
                right side against left: 1 missing, 1 surplus, 1 of another shape
                  missing (expected, not found):
                    gone [1]
                  surplus (found, not expected):
                    new [1]
                  of another shape:
                    shaped expected [1], found []
                tensor  shape    max abs     rel L2      cosine
                moved   [3]    5.000e-01  1.000e-01  0.99503719
                """
        )
        #expect(
            try CheckpointComparison(Self.left, Self.left).description
                == "identical: 4 of 4 common tensors identical"
        )
    }

    @Test("it survives JSON, numbers that are not finite included")
    func codable() throws {
        let comparison = try CheckpointComparison(
            Checkpoint(tensors: ["a": CheckpointTensor([.infinity, 0], shape: [2])]),
            Checkpoint(tensors: ["a": CheckpointTensor([1, 0], shape: [2])])
        )
        #expect(comparison.tensors[0].maximumAbsolute == nil && comparison.tensors[0].nonFiniteCount == 1)
        let json = try JSONEncoder().encode(comparison)
        #expect(try JSONDecoder().decode(CheckpointComparison.self, from: json) == comparison)
    }

    @Test("equal values in another type, or of another sign of zero, are not identical")
    func almost() throws {
        let float = CheckpointTensor([0], shape: [1])
        let comparison = TensorComparison(name: "a", float, try float.converted(to: .float16))
        #expect(!comparison.isIdentical && comparison.maximumAbsolute == 0 && comparison.relativeL2 == 0)
        #expect(comparison.cosine == nil)
        #expect(!TensorComparison(name: "a", float, CheckpointTensor([-0.0], shape: [1])).isIdentical)
    }

    @Test("NaN against a number is never lost among finite differences")
    func notANumber() {
        let left = CheckpointTensor([1, .nan, 5], shape: [3])
        let comparison = TensorComparison(name: "a", left, CheckpointTensor([1, 1, 1], shape: [3]))
        #expect(comparison.maximumAbsolute == nil && comparison.nonFiniteCount == 1 && !comparison.isIdentical)
    }
}
