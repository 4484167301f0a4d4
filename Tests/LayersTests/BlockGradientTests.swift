import Layers
import Tensors
import TestSupport
import Testing

/// Whole blocks against finite differences in double precision, for every parameter and the input.
@Suite("Gradients of a block")
struct BlockGradientTests {
    let configuration = ResidualAttentionBlock.Configuration(
        channels: 4,
        headCount: 2,
        hidden: 6,
        activation: .quickGELU,
        layerScale: 1,
        depth: 1
    )

    /// The first tensor is the input, the others are the block's parameters in its own order.
    func check(_ path: (ResidualAttentionBlock, Tensor) -> Tensor) throws -> GradientCheck {
        let parameters = try Parameter.all { try ResidualAttentionBlock($0, configuration) }
        var failure: (any Error)?
        let check = GradientCheck([[2, 3, 4]] + parameters.map(\.shape)) { tensors in
            var tree = ParameterTree()
            for (parameter, tensor) in zip(parameters, tensors.dropFirst()) { tree[parameter.path] = tensor }
            do {
                return path(try ResidualAttentionBlock(ParameterScope(TreeSource(tree)), configuration), tensors[0])
            } catch {
                failure = error
                return tensors[0]
            }
        }
        if let failure { throw failure }
        return check
    }

    @Test("the ordinary path's gradients equal finite differences")
    func ordinary() throws {
        let check = try check { $0($1) }
        #expect(check.largestDifference < 1e-6, "\(check.worst)")
    }

    @Test("the value path's gradients equal finite differences")
    func valuePath() throws {
        let check = try check { $0.valuePath($1) }
        #expect(check.largestDifference < 1e-6, "\(check.worst)")
    }

    @Test("some tokens alone have the gradients of finite differences too")
    func someTokens() throws {
        let check = try check { $0($1, for: 1..<2) }
        #expect(check.largestDifference < 1e-6, "\(check.worst)")
    }

    @Test("some tokens alone come out as they do among all")
    func someTokensAlone() throws {
        let source = InitializingSource(seed: 3, on: ReferenceBackend())
        let block = try ResidualAttentionBlock(ParameterScope(source), configuration)
        let x = Tensor.random([2, 3, 4], seed: 8, on: ReferenceBackend())
        let all = block(x).sliced(axis: 1, 0..<2)
        let some = block(x, for: 0..<2)
        #expect(some.shape == [2, 2, 4])
        #expect(some.floats == all.floats)
    }
}
