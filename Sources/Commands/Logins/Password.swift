/// Passwords for logins that people do not have to remember.
enum Password {
    /// 24 bytes of the system's randomness, in characters that need no quoting in a URL or a shell.
    static func generated() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var generator = SystemRandomNumberGenerator()
        return String((0..<32).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
