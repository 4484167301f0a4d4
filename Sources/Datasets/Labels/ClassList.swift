import Crypto

/// The classes that labels and predictions speak of, in the order of their ids.
///
/// As text one class a line, synonyms behind it separated by `;`, at its end `| unseen` if training withholds it; blank lines
/// and lines that begin with `#` say nothing.
package struct ClassList: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        /// The name itself first; all as ``ClassName/normalised(_:)`` gives them.
        package let synonyms: [String]
        /// Whether training must not see its labels.
        package let isUnseen: Bool

        package var name: String { synonyms[0] }

        fileprivate init(synonyms: [String], isUnseen: Bool) {
            (self.synonyms, self.isUnseen) = (synonyms, isUnseen)
        }
    }

    package let entries: [Entry]
    /// SHA-256 of ``text``.
    package let digest: [UInt8]

    private static let unseenMark = "unseen"

    package var count: Int { entries.count }
    package var names: [String] { entries.map(\.name) }
    package var seen: [Int] { entries.indices.filter { !entries[$0].isUnseen } }
    package var unseen: [Int] { entries.indices.filter { entries[$0].isUnseen } }

    /// The canonical text, which reads back as the same list: no comments, nothing but what matters.
    package var text: String { Self.text(of: entries) }

    /// The digest in lower-case hexadecimal, as it is stored and printed.
    package var digestText: String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        .joined()
    }

    /// - Parameter source: what the text is called in messages.
    /// - Throws: `DatasetError.invalidClassList` for a name that is empty or stands there twice, no class at all, or more than
    ///   ``LabelMap/maximumClassCount``.
    package init(text: String, source: String) throws(DatasetError) {
        var entries: [(line: Int, entry: Entry)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = line.drop(while: \.isWhitespace)
            if content.isEmpty || content.unicodeScalars.first == "#" { continue }
            entries.append((index + 1, try Self.entry(content, "line \(index + 1)", source)))
        }
        try self.init(entries, "line", source)
    }

    /// Names of a command line or a folder, each perhaps with synonyms behind `;`, none unseen.
    package init(names: [String], source: String) throws(DatasetError) {
        var entries: [(line: Int, entry: Entry)] = []
        for (index, name) in names.enumerated() {
            entries.append((index + 1, try Self.entry(name[...], "name \(index + 1)", source)))
        }
        try self.init(entries, "name", source)
    }

    private init(_ lines: [(line: Int, entry: Entry)], _ unit: String, _ source: String) throws(DatasetError) {
        func refuse(_ cause: String) -> DatasetError { .invalidClassList(source: source, cause: cause) }
        guard !lines.isEmpty else { throw refuse("it names no class") }
        guard lines.count <= LabelMap.maximumClassCount else {
            throw refuse("\(lines.count) classes; a label can tell \(LabelMap.maximumClassCount) apart")
        }
        var places: [String: Int] = [:]
        for (line, entry) in lines {
            for name in entry.synonyms {
                if let first = places.updateValue(line, forKey: name) {
                    let place =
                        first == line ? "twice in \(unit) \(line)" : "in \(unit) \(first) and in \(unit) \(line)"
                    throw refuse("\"\(name)\" stands \(place)")
                }
            }
        }
        self.init(lines.map(\.entry))
    }

    private init(_ entries: [Entry]) {
        self.entries = entries
        digest = Array(SHA256.hash(data: Array(Self.text(of: entries).utf8)))
    }

    private static func entry(_ line: Substring, _ place: String, _ source: String) throws(DatasetError) -> Entry {
        func refuse(_ cause: String) -> DatasetError { .invalidClassList(source: source, cause: "\(place): \(cause)") }
        // By scalars: a separator with a combining mark behind it is one character, and still a separator.
        let parts = line.unicodeScalars.split(separator: "|", omittingEmptySubsequences: false).map { String($0) }
        let mark = parts.count > 1 ? ClassName.normalised(parts[1]) : nil
        guard parts.count <= 2, mark == nil || mark == unseenMark else {
            throw refuse("behind | stands nothing but \(unseenMark)")
        }
        var synonyms: [String] = []
        for part in parts[0].unicodeScalars.split(separator: ";", omittingEmptySubsequences: false) {
            let name = ClassName.normalised(String(part))
            if name.isEmpty { throw refuse("a name is empty") }
            if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                throw refuse("a name has a control character")
            }
            // A combining mark would fuse with the sign before it, and the canonical text would read differently.
            if ";\(name);".count != name.count + 2 { throw refuse("a name begins or ends within a character") }
            synonyms.append(name)
        }
        if synonyms[0].unicodeScalars.first == "#" { throw refuse("a name begins with #, which begins a comment") }
        return Entry(synonyms: synonyms, isUnseen: mark != nil)
    }

    private static func text(of entries: [Entry]) -> String {
        entries.map { entry in
            entry.synonyms.joined(separator: ";") + (entry.isUnseen ? " | \(unseenMark)\n" : "\n")
        }
        .joined()
    }

    /// The class that bears a name or a synonym.
    package func id(of name: String) -> Int? {
        let wanted = ClassName.normalised(name)
        return entries.firstIndex { $0.synonyms.contains(wanted) }
    }

    /// The same classes, with these and no others unseen.
    ///
    /// - Throws: `DatasetError.invalidClassList` for a name that no class bears.
    package func marking(unseen names: [String], source: String) throws(DatasetError) -> ClassList {
        var unseen: Set<Int> = []
        for name in names {
            guard let id = id(of: name) else {
                throw .invalidClassList(source: source, cause: "no class is called \"\(name)\", which is to be unseen")
            }
            unseen.insert(id)
        }
        return ClassList(
            entries.enumerated().map { Entry(synonyms: $1.synonyms, isUnseen: unseen.contains($0)) }
        )
    }
}
