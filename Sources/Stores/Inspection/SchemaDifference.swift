import Postgres

/// A property of the schema that is not as the migrations make it.
struct SchemaDifference: Hashable, Sendable {
    let kind: SchemaObject.Kind
    let owner: String
    let name: String
    let aspect: SchemaObject.Aspect
    /// As the migrations make it; nil for what they do not make.
    let expected: String?
    /// As it is; nil for what is missing.
    let found: String?

    /// Compares all properties; what belongs to a table that is missing or foreign as a whole is not told one by one.
    static func between(expected: [SchemaObject], found: [SchemaObject]) -> [SchemaDifference] {
        let wanted = Dictionary(expected.map { ($0.place, $0) }) { first, _ in first }
        let present = Dictionary(found.map { ($0.place, $0) }) { first, _ in first }
        let tables = (tables(expected), tables(found))
        let lonely = tables.0.symmetricDifference(tables.1)
        var differences: [SchemaDifference] = []
        for object in expected + found.filter({ wanted[$0.place] == nil }) {
            let (want, have) = (wanted[object.place]?.value, present[object.place]?.value)
            let isDetail = lonely.contains(object.owner) && (object.kind != .table || object.aspect != .persistence)
            guard want != have, !isDetail else { continue }
            // What is missing or foreign is told by its definition alone.
            if [.storage, .grants].contains(object.aspect), want == nil || have == nil { continue }
            differences.append(
                SchemaDifference(
                    kind: object.kind,
                    owner: object.owner,
                    name: object.name,
                    aspect: object.aspect,
                    expected: want,
                    found: have
                )
            )
        }
        return differences
    }

    private static func tables(_ objects: [SchemaObject]) -> Set<String> {
        Set(objects.filter { $0.kind == .table }.map(\.name))
    }
}

extension SchemaDifference {
    var finding: Finding {
        Finding(severity, "\(kind.rawValue) \(title)", whatIsFound, because: reason, mend: remedy)
    }

    private var title: String { [.schema, .table, .view, .function, .type].contains(kind) ? name : "\(owner).\(name)" }

    private var severity: Finding.Severity {
        guard expected != nil || aspect == .options else { return .note }
        return switch (kind, aspect) {
        case (_, .options), (_, .storage): .warning
        case (.index, _): definition(of: expected).hasPrefix("CREATE UNIQUE") ? .error : .warning
        default: .error
        }
    }

    private var whatIsFound: String {
        guard let expected else { return "is none that the migrations make" }
        guard let found else { return "is missing" }
        return switch aspect {
        case .definition where kind == .function: "has another body or signature than the migrations give it"
        case .definition: "is \(found), not \(expected)"
        case .persistence: "is \(found), not \(expected)"
        case .options: "has (\(found)), not (\(expected))"
        case .storage: "stores \(found), not \(expected)"
        case .grants: "grants (\(found)), not (\(expected))"
        }
    }

    private var reason: String {
        guard expected != nil else { return "nothing of Stillhouse needs it" }
        return switch (kind, aspect) {
        case (.table, .persistence) where found == "UNLOGGED":
            "a crash of the server empties it, and with it the ledger"
        case (.table, .persistence) where expected == "UNLOGGED":
            "every byte is written twice, and what a crash must empty would stay"
        case (_, .options): "rows that change all the time fill it with dead ones"
        case (_, .grants): "a group that may less cannot work, one that may more can do harm"
        case (_, .storage): "PostgreSQL tries in vain to compress numbers, for every chunk"
        case (.index, _):
            severity == .error
                ? "it is a guard: nothing else keeps a job from counting twice"
                : "claims and look-ups read the whole table"
        case (.constraint, _): "it refuses wrong rows where they are written"
        default: "statements of this build rely on it"
        }
    }

    private func definition(of text: String?) -> Substring { text?[...] ?? "" }
}
