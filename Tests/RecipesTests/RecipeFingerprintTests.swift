import Foundation
import Recipes
import Testing

@Suite("Identity of a recipe")
struct RecipeFingerprintTests {
    @Test("a recipe survives being stored", arguments: RecipeLoader().shippedNames)
    func roundTrip(name: String) throws {
        let recipe = try RecipeLoader().load(name)
        #expect(try Recipe(json: recipe.canonicalJSON()) == recipe)
    }

    @Test("a resolved recipe, printed and read again, is the same", arguments: RecipeLoader().shippedNames)
    func printed(name: String) throws {
        let recipe = try RecipeLoader().load(name)
        #expect(try RecipeLoader().parse(recipe.yaml()) == recipe)
    }

    @Test("reordered keys and rewritten numbers, as jsonb makes them, keep the fingerprint")
    func rewriting() throws {
        let recipe = try RecipeLoader().load("clipself-tiny", settings: ["schedule.learning_rate=1e-5"])
        let json = try recipe.canonicalJSON()
        #expect(json.contains("1e-05"))
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let pieces = try object.keys.sorted(by: >).map { key in
            let value = try JSONSerialization.data(
                withJSONObject: object[key] as Any,
                options: [.fragmentsAllowed, .prettyPrinted]
            )
            return "\"\(key)\" : \(String(decoding: value, as: UTF8.self))"
        }
        let rewritten = "{" + pieces.joined(separator: ",").replacingOccurrences(of: "1e-05", with: "0.0000100") + "}"
        #expect(rewritten != json)
        #expect(try RecipeFingerprint(of: Recipe(json: rewritten)) == RecipeFingerprint(of: recipe))
    }

    @Test("the smallest change gives another fingerprint")
    func change() throws {
        let recipe = try RecipeLoader().load("clipself-tiny")
        var other = recipe
        other.schedule.learningRate = other.schedule.learningRate.nextUp
        #expect(try RecipeFingerprint(of: recipe) != RecipeFingerprint(of: other))
        #expect("\(try RecipeFingerprint(of: recipe))".count == 64)
    }

    @Test("a stored recipe that lacks a key is refused, never completed by defaults")
    func incomplete() throws {
        let json = try RecipeLoader().load("clipself-tiny").canonicalJSON()
        let cut = json.replacingOccurrences(of: "\"export\":{\"alpha\":0.7},", with: "")
        #expect(cut != json)
        #expect(throws: RecipeError.unsuitableValue(file: "stored recipe", key: "export", reason: "is missing.")) {
            try Recipe(json: cut)
        }
    }
}
