import Recipes
import Testing

@Suite("Nearest spelling")
struct NearestSpellingTests {
    @Test(
        "distances are those of the textbook",
        arguments: [
            ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("Alpha", "alpha", 0),
        ]
    )
    func distance(left: String, right: String, expected: Int) {
        #expect(NearestSpelling.distance(left, right) == expected)
    }

    @Test("nothing is suggested where nothing is near")
    func far() {
        #expect(NearestSpelling.of("bananas", among: ["alpha", "beta1"]) == nil)
        #expect(
            NearestSpelling.of(String(repeating: "a", count: 300), among: [String(repeating: "a", count: 299)]) == nil
        )
        #expect(NearestSpelling.of("alhpa", among: ["beta1", "alpha"]) == "alpha")
    }
}
