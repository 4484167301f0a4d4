import Layers
import Optimizers
import Tensors
import Testing

@Suite("ParameterRules")
struct ParameterRulesTests {
    func layout() throws -> ParameterLayout {
        try ParameterLayout([
            ParameterSlice(Parameter(path: "visual.blocks.0.attn.weight", shape: [6, 2])),
            ParameterSlice(Parameter(path: "visual.blocks.0.attn.bias", shape: [6])),
            ParameterSlice(path: "visual.blocks.1.attn.weight", shape: [6, 2], rows: 4..<6),
            ParameterSlice(Parameter(path: "visual.blocks.1.ln.weight", shape: [2])),
        ])
    }

    @Test("without rules matrices decay and vectors do not")
    func defaults() throws {
        let decisions = try ParameterRules(weightDecay: 0.1).resolved(for: layout())
        #expect(decisions.layout == (try layout()))
        #expect(decisions.settings.map(\.weightDecay) == [0.1, 0, 0.1, 0])
        #expect(decisions.settings.map(\.learningRateScale) == [1, 1, 1, 1])
        #expect(decisions.settings.map(\.range) == [0..<12, 12..<18, 18..<22, 22..<24])
    }

    @Test("the first rule that matches decides alone")
    func order() throws {
        let rules = ParameterRules(
            [
                .init("**.bias", learningRateScale: 2, weightDecay: 0.5),
                .init("visual.blocks.0.**", learningRateScale: 0.1),
                .init("**", learningRateScale: 3),
            ],
            weightDecay: 0.1
        )
        let settings = try rules.resolved(for: layout()).settings
        #expect(settings.map(\.learningRateScale) == [0.1, 2, 3, 3])
        #expect(settings.map(\.weightDecay) == [0.1, 0.5, 0.1, 0])
    }

    @Test("frozen slices leave the layout, and the others close up")
    func freezing() throws {
        let rules = ParameterRules([.init("visual.blocks.0.**", isFrozen: true)], weightDecay: 0.1)
        let decisions = try rules.resolved(for: layout())
        #expect(decisions.layout.paths == ["visual.blocks.1.attn.weight", "visual.blocks.1.ln.weight"])
        #expect(decisions.settings.map(\.range) == [0..<4, 4..<6])
    }

    @Test("a pattern that matches nothing is an error that names it")
    func unmatched() throws {
        let rules = ParameterRules([.init("visual.block.*")], weightDecay: 0.1)
        let error = #expect(throws: OptimizersError.self) { try rules.resolved(for: layout()) }
        #expect(error?.description.contains(#""visual.block.*" matches nothing"#) == true)
        #expect(error?.description.contains("visual.blocks.0.attn.weight") == true)
    }

    @Test("a rule that only repeats an earlier one's parameters is no error")
    func shadowed() throws {
        let rules = ParameterRules([.init("**"), .init("**.bias", learningRateScale: 9)], weightDecay: 0)
        #expect(try rules.resolved(for: layout()).settings.allSatisfy { $0.learningRateScale == 1 })
    }

    @Test("the report says which rule took which parameter")
    func report() throws {
        let rules = ParameterRules(
            [.init("**.ln.*", isFrozen: true), .init("**.bias", learningRateScale: 0.5)],
            weightDecay: 0.1
        )
        #expect(
            try rules.resolved(for: layout()).report == """
                visual.blocks.0.attn.weight: lr × 1.0, decay 0.1 (default)
                visual.blocks.0.attn.bias: lr × 0.5, decay 0.0 (**.bias)
                visual.blocks.1.attn.weight rows 4..<6: lr × 1.0, decay 0.1 (default)
                visual.blocks.1.ln.weight: frozen (**.ln.*)
                """
        )
    }
}
