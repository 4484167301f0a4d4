import Datasets

extension DatasetError {
    /// The same error for somebody who names a table's columns by flags, not in a recipe.
    ///
    /// - Parameter text: what the column beside the picture's is called, such as `label`.
    func namingFlags(_ text: String) -> DatasetError {
        guard case .missingColumn(let path, let role, let wanted, let found, _) = self else { return self }
        let name = role == "image" ? role : text
        return .missingColumn(path: path, role: name, wanted: wanted, found: found, setting: "--\(name)-column")
    }
}
