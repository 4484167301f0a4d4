import Foundation
package import Tensors

/// Draws a rectangle of random area and shape: up to ten tries, then the largest one of a fitting shape in the middle.
///
/// The rule of torchvision's `RandomResizedCrop`, with draws in fixed slots: try a uses 2a for the area and 2a + 1 for the
/// shape; 20 is the distance from the top, 21 from the left.
///
/// - SeeAlso: Szegedy et al. 2015, arXiv:1409.4842, section 6, for training on such crops.
package struct CropSampler: Sendable {
    private static let tries = 10
    private static let topSlot = 20
    private static let leftSlot = 21

    package let areaRange: SettingRange
    package let aspectRange: SettingRange

    /// - Precondition: areas above 0 and up to 1, shapes above 0, both in order.
    package init(areaRange: SettingRange, aspectRange: SettingRange) {
        precondition(areaRange.lies(in: 0...1) && areaRange.low > 0, "an area is a share of the picture's")
        precondition(aspectRange.lies(in: 0...(.greatestFiniteMagnitude)) && aspectRange.low > 0, "shapes are positive")
        self.areaRange = areaRange
        self.aspectRange = aspectRange
    }

    /// - Precondition: a picture of at least one pixel.
    package func rectangle(width: Int, height: Int, generator: RandomGenerator) -> CropRectangle {
        precondition(width > 0 && height > 0, "a crop is cut from something")
        let logAspects = SettingRange(log(aspectRange.low), log(aspectRange.high))
        for attempt in 0..<Self.tries {
            let area = Double(width * height) * areaRange.value(at: generator.uniform(at: 2 * attempt))
            let aspect = exp(logAspects.value(at: generator.uniform(at: 2 * attempt + 1)))
            let cropWidth = Int((area * aspect).squareRoot().rounded(.toNearestOrEven))
            let cropHeight = Int((area / aspect).squareRoot().rounded(.toNearestOrEven))
            guard (1...width).contains(cropWidth) && (1...height).contains(cropHeight) else { continue }
            return CropRectangle(
                x: generator.integer(below: width - cropWidth + 1, at: Self.leftSlot),
                y: generator.integer(below: height - cropHeight + 1, at: Self.topSlot),
                width: cropWidth,
                height: cropHeight
            )
        }
        return fallback(width: width, height: height)
    }

    private func fallback(width: Int, height: Int) -> CropRectangle {
        var (cropWidth, cropHeight) = (width, height)
        let aspect = Double(width) / Double(height)
        if aspect < aspectRange.low {
            cropHeight = Self.side(Double(width) / aspectRange.low, within: height)
        } else if aspect > aspectRange.high {
            cropWidth = Self.side(Double(height) * aspectRange.high, within: width)
        }
        return CropRectangle(
            x: (width - cropWidth) / 2,
            y: (height - cropHeight) / 2,
            width: cropWidth,
            height: cropHeight
        )
    }

    private static func side(_ length: Double, within limit: Int) -> Int {
        max(1, min(limit, Int(length.rounded(.toNearestOrEven))))
    }
}
