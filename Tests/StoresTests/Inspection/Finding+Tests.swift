import Stores

extension [Finding] {
    /// What is worse than a note.
    var complaints: [Finding] { filter { $0.severity > .note } }

    /// The first finding about an object.
    subscript(_ object: String) -> Finding? { first { $0.object == object } }
}

extension Finding {
    /// The SQL of the remedy, after words such as "Mend the cause first, then:".
    var remedySQL: String {
        let text = remedy ?? ""
        guard let start = text.firstRange(of: /[a-z]: [A-Z]/) else { return text }
        return String(text[start.lowerBound...].dropFirst(3))
    }
}
