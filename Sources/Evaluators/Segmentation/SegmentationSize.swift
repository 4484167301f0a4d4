/// How large a picture is shown to the image tower that segments it; figures of different rules do not compare.
package enum SegmentationSize: Hashable, Sendable {
    /// As it is stored, each side brought to the nearest multiple of the patch, so that nothing is padded; made smaller
    /// where the longest side would have more than 64 patches.
    case whole
    /// The shortest side as given, unless that makes the longest one longer than `limit`: MaskCLIP's 512 and 2048 for VOC and
    /// COCO-Stuff.
    case shortSide(Int, limit: Int?)
    /// The longest side as given: MaskCLIP's 520 for Pascal Context.
    case longSide(Int)

    static let patchLimit = 64

    /// The picture's size before it is padded to multiples of the patch.
    ///
    /// - Returns: sides of at least 1.
    package func size(width: Int, height: Int, patchSize: Int) -> (width: Int, height: Int) {
        let (short, long) = (Double(min(width, height)), Double(max(width, height)))
        func scaled(_ factor: Double) -> (width: Int, height: Int) {
            (max(1, Int(Double(width) * factor + 0.5)), max(1, Int(Double(height) * factor + 0.5)))
        }
        switch self {
        case .whole:
            let factor = min(1, Double(Self.patchLimit * patchSize) / long)
            func side(_ side: Int) -> Int {
                max(1, Int((Double(side) * factor / Double(patchSize)).rounded())) * patchSize
            }
            return (side(width), side(height))
        case .shortSide(let side, let limit):
            let factor = Double(side) / short
            return scaled(limit.map { min(factor, Double($0) / long) } ?? factor)
        case .longSide(let side): return scaled(Double(side) / long)
        }
    }
}

extension SegmentationSize: CustomStringConvertible {
    /// `whole`, `short:512`, `short:512,2048` or `long:520`; as records and the command line have it.
    package var description: String {
        switch self {
        case .whole: "whole"
        case .shortSide(let side, nil): "short:\(side)"
        case .shortSide(let side, let limit?): "short:\(side),\(limit)"
        case .longSide(let side): "long:\(side)"
        }
    }

    /// Reads what `description` writes; nil for anything else.
    package init?(_ text: String) {
        if text == "whole" {
            self = .whole
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let numbers = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard numbers.allSatisfy({ (1...65_536).contains($0) }) else { return nil }
        switch (parts[0], numbers.count) {
        case ("short", 1): self = .shortSide(numbers[0], limit: nil)
        case ("short", 2) where numbers[1] >= numbers[0]: self = .shortSide(numbers[0], limit: numbers[1])
        case ("long", 1): self = .longSide(numbers[0])
        default: return nil
        }
    }
}
