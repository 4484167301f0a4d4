import Optimizers
import Testing

@Suite("PathPattern")
struct PathPatternTests {
    @Test(
        "stars stop at dots, double stars do not",
        arguments: [
            ("a.b", "a.b", true), ("a.b", "a.bc", false), ("a.b", "a", false), ("", "", true), ("", "a", false),
            ("a.*", "a.b", true), ("a.*", "a.b.c", false), ("a.*.c", "a.b.c", true), ("*.bias", "ln.bias", true),
            ("*.bias", "visual.ln.bias", false), ("**.bias", "visual.ln.bias", true), ("**.bias", "bias", false),
            ("**", "a.b.c", true), ("a**", "a", true), ("a*b", "ab", true), ("a*b*", "a1b2", true),
            ("resblocks.1*.ln", "resblocks.11.ln", true), ("resblocks.1.ln", "resblocks.11.ln", false),
            ("**.attn.**", "v.0.attn.w", true), ("**.attn.**", "v.0.mlp.w", false), ("a.b", "a+b", false),
        ]
    )
    func matching(pattern: String, path: String, expected: Bool) {
        #expect(PathPattern(pattern).matches(path) == expected)
    }
}
