/// A checked path below an image root: no way out of it, no empty component.
struct ImageKey {
    let text: String

    init(_ text: String) throws(DatasetError) {
        func refuse(_ cause: String) -> DatasetError { .invalidKey(text, cause: cause) }
        if text.isEmpty { throw refuse("empty") }
        if text.utf8.contains(0) { throw refuse("contains a zero byte") }
        if text.hasPrefix("/") { throw refuse("an absolute path") }
        for component in components(text) {
            if component.isEmpty { throw refuse("an empty component") }
            if component == "." || component == ".." { throw refuse("a `\(component)` component") }
        }
        self.text = text
    }

    /// Every byte outside of RFC 3986's unreserved set escaped; slashes between components stay.
    var percentEncoded: String {
        components(text).map { component in
            component.utf8.map { byte in
                let isPlain =
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        true
                    default: "-._~".utf8.contains(byte)
                    }
                if isPlain { return String(UnicodeScalar(byte)) }
                let digits = String(byte, radix: 16, uppercase: true)
                return digits.count == 1 ? "%0" + digits : "%" + digits
            }
            .joined()
        }
        .joined(separator: "/")
    }
}

private func components(_ text: String) -> [Substring] {
    text.split(separator: "/", omittingEmptySubsequences: false)
}
