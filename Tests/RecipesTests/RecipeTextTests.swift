import Foundation
import Recipes
import Testing

@Suite("Hostile recipes")
struct RecipeTextTests {
    private let loader = RecipeLoader()

    /// Each line means four of the line before.
    private static let bomb = (1..<24).reduce("a0: &a0 [x, x]\n") { text, level in
        text + "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1), *a\(level - 1)]\n"
    }

    @Test(
        "aliases that double with each line, nesting without end and endless text are refused at once",
        arguments: [
            bomb + "parameters: *a23\n", bomb + "name: *a23\n", bomb + "? *a23\n: 1\n? *a22\n: 1\n",
            "parameters: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
            String(repeating: "- ", count: 3000) + "x", "name: " + String(repeating: "x", count: 1 << 16),
        ]
    )
    func bombs(text: String) {
        #expect(throws: RecipeError.self) { try loader.parse("extends: clipself-tiny\n" + text) }
        #expect(throws: RecipeError.self) { try loader.load("clipself-tiny", settings: ["parameters={\(text)}"]) }
    }

    @Test("a few aliases, and patterns with asterisks in quotes, are as good as anything")
    func modestAliases() throws {
        let rules = (0..<30).map { "  - {pattern: '*norm\($0)*', weight_decay: *none}" }.prefix(12)
        let patterns = (0..<30).map { "  - pattern: \"*bias\($0)*\"" }
        let text = """
            extends: clipself-tiny
            optimizer: {weight_decay: &none 0.0}
            parameters:
            \((rules + patterns).joined(separator: "\n"))
            """
        let recipe = try loader.parse(text)
        #expect(recipe.parameters.count == 42 && recipe.parameters[11].weightDecay == 0)
    }

    @Test(
        "numbers to the base of 60 are refused: the parser would overflow on them",
        arguments: ["1:1:1:1:1:1:1:1:1:1:1:1:1", "99999999999999:59:59:59", "-9223372036854775808:1", "1_0:30"]
    )
    func sexagesimal(number: String) throws {
        #expect(throws: RecipeError.self) { try loader.parse("extends: clipself-tiny\nseed: \(number)") }
        #expect(throws: RecipeError.self) { try loader.load("clipself-tiny", settings: ["schedule.updates=\(number)"]) }
        #expect(try loader.parse("extends: clipself-tiny\nname: '\(number)'").name == number)
    }

    @Test("a setting of a thousand levels is refused before a tree is built of it")
    func deepSetting() {
        let key = String(repeating: "a.", count: 60_000) + "b"
        #expect(throws: RecipeError.self) { try loader.load("clipself-tiny", settings: ["\(key)=1"]) }
    }

    @Test("a device in the place of a base or of a model is no file", .timeLimit(.minutes(1)))
    func device() throws {
        let refusal = RecipeError.unreadable(file: "/dev/zero", reason: "it is not a regular file")
        #expect(throws: refusal) { try loader.parse("extends: /dev/zero") }
        let recipe = try loader.load("clipself-tiny", settings: ["model=/dev/zero"])
        #expect(throws: RecipeError.self) { try recipe.loadModel() }
    }
}
