import Yams

extension Recipe {
    /// Every value in force, in the order of the defaults file; what `recipe show --resolved` prints.
    ///
    /// Reading it again gives the same recipe. Values that are null are left out.
    package func yaml() throws(RecipeError) -> String {
        do {
            return try YAMLEncoder().encode(self)
        } catch {
            throw .unsuitableValue(file: name, key: "", reason: "cannot be written as YAML: \(error)")
        }
    }
}
