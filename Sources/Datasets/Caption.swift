/// A text as it was found, made fit for an index: legal UTF-8, bounded, without control characters, white space at its
/// ends removed. What it says is not touched.
package struct Caption: Sendable, Hashable {
    /// What had to be done to a text.
    package enum Defect: String, Sendable, Hashable, CaseIterable {
        case invalidUTF8
        case controlCharacters
        case tooLong
        /// Nothing was left of it.
        case empty
    }

    package let text: String
    /// In the order of the cases.
    package let defects: [Defect]

    /// Far above what any tokenizer reads, far below what hurts an index of a hundred million pictures.
    package static let maximumByteCount = 65_536

    package init(_ bytes: some Collection<UInt8>) {
        // White space and repairs change lengths, by less than this; a gigabyte is not decoded to keep its beginning.
        let isCut = bytes.count > 4 * Self.maximumByteCount
        let kept = isCut ? Array(bytes.prefix(4 * Self.maximumByteCount)) : Array(bytes)
        if let text = String(validating: kept, as: UTF8.self) {
            self.init(text, isCut: isCut)
        } else {
            // A cut in the middle of a character is ours, not the file's; it lies behind the end that is kept.
            self.init(String(decoding: kept, as: UTF8.self), isRepaired: true, isCut: isCut)
        }
    }

    /// - Parameter isRepaired: U+FFFD already stands in the place of what was illegal.
    package init(_ found: String, isRepaired: Bool = false, isCut: Bool = false) {
        var defects: Set<Defect> = isRepaired ? [.invalidUTF8] : []
        var text = found
        if !Self.isPlain(found) {
            var scalars = Substring(found).unicodeScalars
            while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
            while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
            let legal = scalars.filter { !Self.isControl($0) }
            if legal.count != scalars.count { defects.insert(.controlCharacters) }
            text = String(String.UnicodeScalarView(legal))
        }
        if text.utf8.count > Self.maximumByteCount {
            var end = text.utf8.index(text.startIndex, offsetBy: Self.maximumByteCount)
            while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
            text = String(text[..<end])
            defects.insert(.tooLong)
        } else if isCut {
            defects.insert(.tooLong)
        }
        if text.isEmpty { defects = [.empty] }
        self.text = text
        self.defects = Defect.allCases.filter(defects.contains)
    }

    /// Most captions need no second look: ASCII without control characters, no space at either end.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, first > 0x20, last > 0x20 else { return false }
        return text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }

    /// Tabs and line ends are spaces to every tokenizer; the rest means nothing to any.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && !scalar.properties.isWhitespace
    }
}
