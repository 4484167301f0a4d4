import Layers
import Tensors
import Testing

@Suite("LayersError")
struct LayersErrorTests {
    @Test("a message names the parameter, what was found and what to do next")
    func messages() {
        let shape = LayersError.wrongShape(path: "visual.proj", expected: [768, 512], found: [768, 768])
        #expect(shape.description.hasPrefix("visual.proj: the weights have [768, 768], the model wants [768, 512]."))
        #expect(shape.description.contains("embed_dim"))
        let missing = LayersError.missingParameter(path: "visual.ln_pre.bias", expected: [64])
        #expect(missing.description.contains("visual.ln_pre.bias") && missing.description.contains("of shape [64]"))
        let rows = LayersError.sliceOutsideTensor(path: "visual.proj", rows: 3..<9, shape: [8, 2])
        #expect(rows.description.contains("rows 3..<9 of a tensor of shape [8, 2]"))
    }
}
