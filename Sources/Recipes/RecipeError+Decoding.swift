extension RecipeError {
    /// Puts a decoding failure into the words of the recipe: the dotted key and what was wrong with its value.
    init(_ error: any Error, file: String) {
        guard let error = error as? DecodingError else {
            self = .syntax(file: file, reason: "\(error)")
            return
        }
        let (path, reason) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing.")
            case .valueNotFound(_, let context): (context.codingPath, "is empty; give it a value.")
            case .typeMismatch(let type, let context): (context.codingPath, Self.reason(type, context))
            case .dataCorrupted(let context): (context.codingPath, "does not suit: \(context.debugDescription)")
            @unknown default: ([], "does not suit: \(error)")
            }
        self = .unsuitableValue(file: file, key: Self.dotted(path), reason: reason)
    }

    /// `parameters[0].pattern`, as a reader of the file would count.
    private static func dotted(_ path: [any CodingKey]) -> String {
        path.reduce("") { text, key in
            if let index = key.intValue { return text + "[\(index)]" }
            return text.isEmpty ? key.stringValue : text + "." + key.stringValue
        }
    }

    private static func reason(_ type: Any.Type, _ context: DecodingError.Context) -> String {
        "must be of type \(type): \(context.debugDescription)"
    }
}
