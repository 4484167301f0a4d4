import Checkpoints
import Testing

struct KeyTemplateTests {
    @Test(
        "the first numeric component is the block number",
        arguments: [
            ("visual.transformer.resblocks.3.ln_1.bias", "visual.transformer.resblocks.{i}.ln_1.bias", 3),
            ("12.x.4", "{i}.x.4", 12),
            ("a.03.b", "a.03.b", nil),
            ("a.-1", "a.-1", nil),
            ("a.+1", "a.+1", nil),
            ("a.99999999999999999999", "a.99999999999999999999", nil),
            ("logit_scale", "logit_scale", nil),
            ("a..0.", "a..{i}.", 0),
            ("", "", nil),
        ] as [(String, String, Int?)]
    )
    func template(key: String, pattern: String, index: Int?) {
        let template = KeyTemplate(key)
        #expect(template.pattern == pattern)
        #expect(template.index == index)
        #expect(KeyTemplate.key(pattern, at: index) == key)
    }
}
