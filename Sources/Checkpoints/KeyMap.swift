/// A foreign layout as data: which foreign tensors stand for which native ones, and what happens on the way.
///
/// The same table serves both directions. Keys are matched by pattern, with `{i}` for the block number.
package struct KeyMap: Sendable {
    /// What a tensor undergoes; each change is undone exactly by the other direction.
    package enum Change: Sendable, Hashable {
        /// Only the name differs.
        case renamed
        /// A matrix `[m, n]` is stored as `[n, m]`.
        case transposed
        /// The native tensor is the concatenation of equal parts along its leading axis, one foreign tensor a part.
        case concatenated
    }

    package struct Rule: Sendable, Hashable {
        package let native: String
        /// One pattern, or one for each part in the order of concatenation.
        package let foreign: [String]
        package let change: Change
        /// May be absent although its section is present.
        package let isOptional: Bool

        package init(_ native: String, _ foreign: [String], _ change: Change, isOptional: Bool = false) {
            precondition(change == .concatenated || foreign.count == 1, "\(native): one foreign key")
            self.native = native
            self.foreign = foreign
            self.change = change
            self.isOptional = isOptional
        }

        var hasIndex: Bool { native.contains("{i}") }
    }

    /// Rules that stand or fall together, such as one tower: once one of them matches, a missing one is an error.
    package struct Section: Sendable, Hashable {
        package let rules: [Rule]

        package init(_ rules: [Rule]) {
            self.rules = rules
        }
    }

    /// Native prefix and foreign prefix, for layouts that move whole subtrees.
    package struct Prefix: Sendable, Hashable {
        package let native: String
        package let foreign: String

        package init(_ native: String, _ foreign: String) {
            self.native = native
            self.foreign = foreign
        }
    }

    package let sections: [Section]
    package let prefixes: [Prefix]
    /// Whether keys that nothing matches keep their names; if not, they are an error.
    package let keepsUnmatched: Bool

    package init(sections: [Section] = [], prefixes: [Prefix] = [], keepsUnmatched: Bool) {
        self.sections = sections
        self.prefixes = prefixes
        self.keepsUnmatched = keepsUnmatched
    }
}

extension KeyMap.Rule {
    /// Only the name differs.
    package static func renamed(_ native: String, _ foreign: String) -> [KeyMap.Rule] {
        [KeyMap.Rule(native, [foreign], .renamed)]
    }

    /// `.weight` and `.bias` of one layer, names alone differing.
    package static func layer(_ native: String, _ foreign: String) -> [KeyMap.Rule] {
        ["weight", "bias"].flatMap { renamed("\(native).\($0)", "\(foreign).\($0)") }
    }
}
