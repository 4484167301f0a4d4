extension SchemaDifference {
    /// The statements that bring it back to what the migrations make.
    var remedy: String {
        guard let expected else { return foreign }
        return switch (kind, aspect) {
        case (.table, .persistence):
            found == nil
                ? "Restore it from a backup; its definition: stillhouse migrate print"
                : "ALTER TABLE \(table) SET \(expected);"
        case (_, .options): options(expected)
        case (_, .grants): grants(expected)
        case (_, .storage): "ALTER TABLE \(table) ALTER COLUMN \(name) SET STORAGE \(expected);"
        case (.index, _): (found == nil ? "" : "DROP INDEX stillhouse.\(name); ") + "\(expected);"
        case (.trigger, _): (found == nil ? "" : "DROP TRIGGER \(name) ON \(table); ") + "\(expected);"
        case (.constraint, _):
            "ALTER TABLE \(table) " + (found == nil ? "" : "DROP CONSTRAINT \(name), ")
                + "ADD CONSTRAINT \(name) \(expected);"
        case (.view, _): "CREATE OR REPLACE VIEW stillhouse.\(name) AS \(expected)"
        case (.function, _):
            // A new function is everybody's until that is taken back.
            expected.trimmingTrailingNewlines + ";"
                + (found == nil ? " REVOKE ALL ON FUNCTION stillhouse.\(name) FROM PUBLIC;" : "")
        case (.column, _):
            found == nil
                ? "ALTER TABLE \(table) ADD COLUMN \(name) \(expected);"
                : "Change it back by ALTER TABLE \(table) ALTER COLUMN \(name) …, to: \(expected)"
        case (.type, _):
            found == nil
                ? "CREATE TYPE stillhouse.\(name) AS ENUM (\(expected));"
                : "Add what is missing with ALTER TYPE stillhouse.\(name) ADD VALUE …, up to: \(expected)"
        case (.table, _), (.schema, _): "stillhouse migrate print"
        }
    }

    private var table: String { "stillhouse.\(owner)" }

    /// Statements for what the migrations do not make; whether to run them is its maker's decision.
    private var foreign: String {
        switch kind {
        case .constraint: "Unless somebody wants it: ALTER TABLE \(table) DROP CONSTRAINT \(name);"
        case .column: "Unless somebody wants it: ALTER TABLE \(table) DROP COLUMN \(name);"
        case .trigger: "Unless somebody wants it: DROP TRIGGER \(name) ON \(table);"
        case .type: "Unless somebody wants it: DROP TYPE stillhouse.\(name);"
        case .schema, .table, .index, .view, .function:
            "Unless somebody wants it: DROP \(kind.rawValue.uppercased()) stillhouse.\(name);"
        }
    }

    private func options(_ expected: String) -> String {
        let surplus = Set(Self.names(found ?? "")).subtracting(Self.names(expected)).sorted()
        var statements: [String] = []
        if !surplus.isEmpty { statements.append("ALTER TABLE \(table) RESET (\(surplus.joined(separator: ", ")));") }
        if !expected.isEmpty { statements.append("ALTER TABLE \(table) SET (\(expected));") }
        return statements.joined(separator: " ")
    }

    private func grants(_ expected: String) -> String {
        let (wanted, present) = (Set(expected.split(separator: ", ")), Set((found ?? "").split(separator: ", ")))
        let given = wanted.subtracting(present).sorted().map { statement("GRANT", $0, "TO") }
        let taken = present.subtracting(wanted).sorted().map { statement("REVOKE", $0, "FROM") }
        return (given + taken).joined(separator: " ")
    }

    /// - Parameter grant: `SELECT TO stillhouse_reader`.
    private func statement(_ verb: String, _ grant: Substring, _ preposition: String) -> String {
        let words = grant.split(separator: " ").map(String.init)
        let (right, group) = (words.first ?? "", words.last ?? "")
        let target =
            switch kind {
            case .schema: "ON SCHEMA \(name)"
            case .column: "(\(name)) ON \(table)"
            case .function: "ON FUNCTION stillhouse.\(name)"
            default: "ON \(table)"
            }
        return "\(verb) \(right) \(target) \(preposition) \(group);"
    }

    /// `fillfactor=50, autovacuum_…=0`: the words before the equals signs.
    private static func names(_ options: String) -> [String] {
        options.split(separator: ", ").map { String($0.prefix { $0 != "=" }) }
    }
}

extension String {
    fileprivate var trimmingTrailingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
