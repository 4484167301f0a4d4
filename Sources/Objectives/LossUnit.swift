/// What an objective's gradient sum is divided by; jobs add their counts of it, and the aggregator divides once.
package enum LossUnit: String, Codable, Hashable, Sendable {
    /// Regions that were really compared (CLIPSelf).
    case boxes
    /// Image and caption pairs.
    case pairs
    /// Whole images: the one unit of objectives that combine several terms.
    case images
}
