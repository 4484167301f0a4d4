import Yams

/// Text that claims to be a recipe, and the bounds within which it is believed.
///
/// YAML lets a page of text stand for more than any machine holds: aliases of aliases double with each line, and nesting
/// costs stack. A recipe needs neither, so both are bounded before anything walks the tree.
struct RecipeText {
    /// Longer text is refused: a recipe is a page of settings.
    static let maximumByteCount = 1 << 16
    /// Levels of nesting; the deepest recipe has four.
    static let maximumDepth = 32
    /// Uses of anchors. With so few, keys that hold aliases, which the parser compares by value, stay cheap.
    static let maximumAliasCount = 16
    /// Values after all aliases have been put in.
    static let maximumNodeCount = 20_000

    let file: String
    let text: String

    /// - Returns: nil for text without a value.
    func tree() throws(RecipeError) -> Node? {
        guard text.utf8.count <= Self.maximumByteCount else {
            throw .unreadable(
                file: file,
                reason: "it has \(text.utf8.count) bytes, more than any recipe needs"
            )
        }
        guard aliasCountAtMost <= Self.maximumAliasCount else {
            throw .syntax(
                file: file,
                reason: "it uses more than \(Self.maximumAliasCount) aliases (`*name`)."
            )
        }
        let tree: Node?
        do {
            tree = try Yams.compose(yaml: text)
        } catch {
            throw .syntax(file: file, reason: "\(error)")
        }
        var nodeCount = 0
        if let tree { try check(tree, depth: 1, &nodeCount) }
        return tree
    }

    /// Every asterisk that may begin an alias: before a letter or digit, and not within a word or right after a quotation
    /// mark, as in `"*bias*"`. Text in comments counts too; it is a bound.
    private var aliasCountAtMost: Int {
        var count = 0
        var previous = UInt8(ascii: "\n")
        var isAfterAsterisk = false
        for byte in text.utf8 {
            if isAfterAsterisk, Self.isWord(byte) { count += 1 }
            let isQuote = previous == UInt8(ascii: "\"") || previous == UInt8(ascii: "'")
            isAfterAsterisk = byte == UInt8(ascii: "*") && !isQuote && !Self.isWord(previous)
            previous = byte
        }
        return count
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Stops at the bounds, so that it never walks what the aliases stand for to the end.
    private func check(_ node: Node, depth: Int, _ nodeCount: inout Int) throws(RecipeError) {
        nodeCount += 1
        guard nodeCount <= Self.maximumNodeCount, depth <= Self.maximumDepth else {
            throw .syntax(
                file: file,
                reason: "it holds more values, or deeper ones, than any recipe needs."
            )
        }
        switch node {
        case .scalar(let scalar):
            // Read as an integer, digits to the base of 60 overflow inside the parser and end the process.
            let isPlain = scalar.style == .any || scalar.style == .plain
            guard isPlain, scalar.string.contains(":"), scalar.string.utf8.allSatisfy(Self.isSexagesimal)
            else { return }
            throw .syntax(
                file: file,
                reason:
                    "`\(scalar.string.prefix(80))` is a number to the base of 60. Write it in decimals, or in quotes."
            )
        case .sequence(let elements):
            for element in elements { try check(element, depth: depth + 1, &nodeCount) }
        case .mapping(let mapping):
            for (key, value) in mapping {
                try check(key, depth: depth + 1, &nodeCount)
                try check(value, depth: depth + 1, &nodeCount)
            }
        case .alias: return
        }
    }

    private static func isSexagesimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
