/// Damage that a test does to what a worker makes, as a failing device or network would.
///
/// Written as a site, a kind, and where it strikes:
/// - `worker.gradient=nan`, `=inf`, `=1e30`: every number of a gradient is multiplied by it, before the worker's own
///   check. With `@sample:7` only where sample 7 takes part, as for a picture on which the model breaks.
/// - `worker.payload=nan`, `=bitflip`, `=truncate`: the last part as it is uploaded, after the worker's check. A flipped
///   bit contradicts the part's digest; the others are digested as they are, so that only their content is wrong.
/// - `worker.units=N`: the number of units that the manifest claims, such as -1 or 1000000.
///
/// Without a count it strikes each time; `worker.payload=nan:3` strikes at the third time only.
package struct DataFault: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case gradientFactor(bitPattern: UInt32)
        case payload(Payload)
        case units(Int)
    }

    package enum Payload: String, CaseIterable, Sendable {
        case nan
        case bitflip
        case truncate
    }

    package let kind: Kind
    /// nil strikes whatever the samples.
    package let sample: Int64?
    /// Counted from 1; nil strikes each time.
    package let occurrence: Int?

    /// nil when the text has not the form above.
    package init?(parsing text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        var value = parts[1]
        var sample: Int64?
        if let at = value.firstIndex(of: "@") {
            let place = value[value.index(after: at)...].split(separator: ":", omittingEmptySubsequences: false)
            guard parts[0] == "worker.gradient", place.count == 2, place[0] == "sample", let id = Int64(place[1]),
                id >= 0
            else { return nil }
            sample = id
            value = value[..<at]
        }
        var occurrence: Int?
        if let colon = value.firstIndex(of: ":") {
            guard sample == nil, let count = Int(value[value.index(after: colon)...]), count > 0 else { return nil }
            occurrence = count
            value = value[..<colon]
        }
        guard let kind = Kind(site: parts[0], value: value) else { return nil }
        (self.kind, self.sample, self.occurrence) = (kind, sample, occurrence)
    }
}

extension DataFault.Kind {
    fileprivate init?(site: Substring, value: Substring) {
        switch site {
        case "worker.gradient":
            guard let factor = Float(value) else { return nil }
            self = .gradientFactor(bitPattern: factor.bitPattern)
        case "worker.payload":
            guard let payload = DataFault.Payload(rawValue: String(value)) else { return nil }
            self = .payload(payload)
        case "worker.units":
            guard let units = Int(value) else { return nil }
            self = .units(units)
        default: return nil
        }
    }
}
