/// What a password looks like in a text that repeats somebody's input.
package enum SecretPattern {
    /// The text with every password of a URL or of `password=…` left out.
    package static func redacted(_ text: String) -> String {
        text.replacing(/(:\/\/[^:\/\s@]*):[^\s]*@/) { "\($0.output.1):…@" }
            .replacing(/(?i)(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|[^\s'&]+)/) { "\($0.output.1)…" }
    }
}
