extension DenseReadout: CustomStringConvertible {
    /// The name under which features and figures are stored: the bare one, or with all that departs from its paper spelled
    /// out, such as `kk/full/σ5`; without a σ part there is no neighbourhood.
    package var description: String {
        if self == DenseReadout(name) { return name.rawValue }
        let width = sigma.map { "/σ" + ($0 == $0.rounded() && $0 < 1e9 ? "\(Int($0))" : "\($0)") }
        return "\(name.rawValue)/\(tail.rawValue)\(width ?? "")"
    }

    /// Reads what `description` writes.
    ///
    /// - Throws: `ModelsError.unknownReadout`, `ModelsError.unusableSigma`
    package init(_ text: String) throws(ModelsError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let name = Name(rawValue: String(first)), parts.count <= 3 else {
            throw .unknownReadout(text)
        }
        if parts.count == 1 {
            self.init(name)
            return
        }
        guard let tail = Tail(rawValue: String(parts[1])) else { throw .unknownReadout(text) }
        var sigma: Double?
        if parts.count == 3 {
            guard parts[2].hasPrefix("σ"), let number = Double(parts[2].dropFirst()) else {
                throw .unknownReadout(text)
            }
            sigma = number
        }
        try self.init(name, tail: tail, sigma: sigma)
    }
}
