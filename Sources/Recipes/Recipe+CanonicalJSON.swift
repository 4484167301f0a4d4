import Foundation

extension Recipe {
    /// The resolved recipe as it is stored with a run: keys sorted, no spaces, absent values left out.
    ///
    /// It is computed from the values and not from any text, so a database that reorders keys or rewrites numbers
    /// (as jsonb does) changes neither this form nor the fingerprint.
    package func canonicalJSON() throws(RecipeError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            throw .unsuitableValue(file: name, key: "", reason: "cannot be written as JSON: \(error)")
        }
    }

    /// Reads a stored recipe, in canonical form or not.
    ///
    /// No defaults are laid beneath it: what a run is made of must not change with the version of the program.
    package init(json: String, source: String = "stored recipe") throws(RecipeError) {
        do {
            self = try JSONDecoder().decode(Recipe.self, from: Data(json.utf8))
        } catch {
            throw RecipeError(error, file: source)
        }
    }
}
