import Evaluators
import Layers
import Models
import Tensors
import Testing

@Suite("Prompt templates")
struct PromptTemplatesTests {
    @Test("lines are templates, blank ones and comments are not")
    func reading() throws {
        let text = "# about\n\na photo of a {}.\r\n  \nthe {}, a {}\n"
        let templates = try PromptTemplates(text: text, source: "x")
        #expect(templates.templates == ["a photo of a {}.", "the {}, a {}"])
        #expect(templates.prompts(for: "red {fox}") == ["a photo of a red {fox}.", "the red {fox}, a red {fox}"])
    }

    @Test(
        "a line without a place for the name, and a set without templates, are refused",
        arguments: ["a cat\n", "# {}\n"]
    )
    func malformed(text: String) {
        #expect(throws: EvaluatorsError.self) { try PromptTemplates(text: text, source: "x") }
    }

    @Test("a class is the mean of its prompts' unit vectors, of length 1 again")
    func embedding() throws {
        let backend = CPUBackend(threadCount: 1)
        let json = """
            {"embed_dim": 5, "vision_cfg": {}, "text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 1}}
            """
        let configuration = try ModelConfiguration(json: json.utf8).textTower()
        let tower = try TextTransformer(ParameterScope(InitializingSource(seed: 4, on: backend)), configuration)
        let encoder = try CaptionEncoder(tower, on: backend)
        let templates = try PromptTemplates(text: "a photo of a {}.\nart of the {}.\n", source: "x")
        let classes = try ClassEmbeddings(names: ["cat", "tiger shark"], templates: templates, encoder: encoder)
        let prompts = try encoder.vectors(of: ["a photo of a tiger shark.", "art of the tiger shark."])
        let sum = (0..<5).map { Double(prompts[$0]) + Double(prompts[5 + $0]) }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for (found, expected) in zip(classes.vectors[5...], sum) {
            #expect(abs(Double(found) - expected / length) < 1e-6)
        }
        #expect(classes.names == ["cat", "tiger shark"])
        #expect(throws: EvaluatorsError.self) {
            try ClassEmbeddings(names: ["cat", "cat"], templates: templates, encoder: encoder)
        }
    }
}
