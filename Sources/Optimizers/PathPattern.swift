/// A glob over dotted parameter paths: `*` stands for text within one name, `**` for any text, dots included.
///
///     visual.transformer.resblocks.*.mlp.**     every MLP parameter of every block
///     **.bias                                   every bias
package struct PathPattern: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package var description: String { text }

    package init(_ text: String) {
        self.text = text
    }

    /// Whether the whole path fits; `*` and `**` may stand for nothing.
    package func matches(_ path: String) -> Bool {
        Self.match(Array(text.utf8)[...], Array(path.utf8)[...])
    }

    private static func match(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        let star = UInt8(ascii: "*")
        guard first == star else {
            return path.first == first && match(pattern.dropFirst(), path.dropFirst())
        }
        let crossesDots = pattern.dropFirst().first == star
        let rest = pattern.dropFirst(crossesDots ? 2 : 1)
        var tail = path
        while true {
            if match(rest, tail) { return true }
            guard let next = tail.first, crossesDots || next != UInt8(ascii: ".") else { return false }
            tail = tail.dropFirst()
        }
    }
}
