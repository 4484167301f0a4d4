/// What may stand in which file. Every rule takes files and answers with one sentence for each violation.
enum SourceRules {
    /// An import of ours or of a foreign thing that the manifest does not lead to. The compiler lets some of these pass,
    /// as all modules lie in one folder.
    static func undeclaredImports(in files: [SourceFile], graph: PackageGraph) -> [String] {
        files.flatMap { file -> [String] in
            guard let target = graph[file.target] else { return ["\(file.path) belongs to no target"] }
            let reachable = graph.reachable(from: target)
            return file.imports.compactMap { module in
                let isGoverned = DependencyRules.layer(of: module) != nil || DependencyRules.owners[module] != nil
                guard isGoverned, module != file.target, !reachable.contains(module) else { return nil }
                return "\(file.path) imports \(module), which \(file.target) does not depend on"
            }
        }
    }

    /// An import of a foreign thing outside the target that owns it.
    static func strangers(in files: [SourceFile]) -> [String] {
        files.flatMap { file in
            file.imports.compactMap { module in
                guard let owner = DependencyRules.owners[module], owner != file.target else { return nil }
                return "\(file.path) imports \(module), which belongs to \(owner)"
            }
        }
    }

    /// The environment is read by `Commands`, which hands values down.
    static func environmentReads(in files: [SourceFile]) -> [String] {
        let words: Set<Substring> = ["getenv", "environment", "environ"]
        return violations(in: files.filter { $0.target != "Commands" }, of: words, "reads the environment") { line in
            line.contains(/\bgetenv\b|processInfo\s*\.\s*environment\b|\benviron\b/)
        }
    }

    /// SQL lives in `Stores`, in `Migrations` and in the migrator. Transaction control and LISTEN are the client's own.
    static func statements(in files: [SourceFile]) -> [String] {
        let isHome = { (file: SourceFile) in
            ["Stores", "Migrations"].contains(file.target)
                || (file.target == "Postgres" && file.name == "Migrator.swift")
        }
        let foreign = files.filter { !isHome($0) && $0.path.hasSuffix(".swift") }
        let words: Set<Substring> = ["SELECT", "INSERT", "DELETE", "TRUNCATE", "UPDATE", "CREATE", "ALTER", "DROP"]
        return violations(in: foreign, of: words, "holds SQL") { line in
            line.contains(
                /\b(SELECT(\s+\S|\s*$)|(INSERT INTO|DELETE FROM|TRUNCATE|UPDATE [a-z_.]+|(CREATE|ALTER|DROP) [A-Z]{2,})\b)/
            )
        }
    }

    /// Whatever comes from outside throws; nothing ends the process.
    static func sudden(in files: [SourceFile]) -> [String] {
        violations(
            in: files.filter { $0.path.hasSuffix(".swift") },
            of: ["fatalError", "try", "as"],
            "ends the process"
        ) { line in
            line.contains(/\bfatalError\s*\(|\btry!|\bas!/)
        }
    }

    /// A name that says nothing, of a file or of a folder. What is new or old changes; `NewRun` may be a noun.
    static func emptyNames(in files: [SourceFile]) -> [String] {
        files.filter { file in
            let path = file.path.replacing("FileManager+", with: "")
            return path.contains(
                /(^|[a-z+\/])(Util|Utils|Utilities|Helper|Helpers|Common|Manager|Managers|Misc)([A-Z+.\/]|$)|\/(New|Legacy|Old)[.\/]/
            )
        }
        .map { "\($0.path) has a name that says nothing" }
    }

    /// A file that declares types is named for one of them, and `Type+Topic.swift` for the type before the plus, which it
    /// declares or extends. A file of mere extensions may be named for what they have in common.
    static func misnamed(in files: [SourceFile]) -> [String] {
        files.filter { file in
            guard file.name.hasSuffix(".swift"), !namedForTheWhole.contains(file.path) else { return false }
            let stem = file.name.dropLast(".swift".count)
            let subject = String(stem.prefix { $0 != "+" })
            guard !file.extended.union(file.declared).contains(subject) else { return false }
            return stem.contains("+") || !file.declared.isEmpty
        }
        .map { "\($0.path) is named for no type in it" }
    }

    /// Files whose types are parts of the thing that gives the name.
    private static let namedForTheWhole: Set = ["Sources/Tensors/Graph.swift", "Sources/stillhouse/Main.swift"]

    /// - Parameter words: a line is looked at only if one of these is in it; expressions are slow, splitting is not.
    private static func violations(
        in files: [SourceFile],
        of words: Set<Substring>,
        _ what: String,
        where isViolation: (Substring) -> Bool
    ) -> [String] {
        files.flatMap { file in
            file.code(with: words).filter { isViolation($0.text) }.map { "\(file.place($0.number)) \(what)" }
        }
    }
}

extension SourceFile {
    /// The types declared at the left margin.
    fileprivate var declared: Set<String> {
        Set(text.matches(of: declarationLine).map { String($0.output.1) })
    }

    /// The types extended, by every part of their name: an extension of `Recipe.Schedule` belongs to both.
    fileprivate var extended: Set<String> {
        Set(text.matches(of: extensionLine).flatMap { $0.output.1.split(separator: ".").map(String.init) })
    }
}

private nonisolated(unsafe) let declarationLine =
    /^(?:(?:@\w+(?:\(.*\))?|public|package|internal|final|indirect|nonisolated) +)*(?:struct|class|enum|actor|protocol|typealias) +(\w+)/
    .anchorsMatchLineEndings()

private nonisolated(unsafe) let extensionLine = /^(?:[\w@]+ +)*extension +([\w.]+)/.anchorsMatchLineEndings()
