package import Images

/// One step of a view's colour jitter.
package struct ColorChange: Hashable, Sendable {
    /// In the order of the draws for order and factors.
    package enum Kind: String, Sendable, CaseIterable {
        case brightness, contrast, saturation, hue
    }

    package let kind: Kind
    /// What brightness, contrast and saturation are multiplied by; for the hue, the turn in shares of the circle.
    package let factor: Double

    package init(_ kind: Kind, _ factor: Double) {
        self.kind = kind
        self.factor = factor
    }

    package func applied(to image: Image) -> Image {
        switch kind {
        case .brightness: image.withBrightness(factor)
        case .contrast: image.withContrast(factor)
        case .saturation: image.withSaturation(factor)
        case .hue: image.withHueShifted(by: factor)
        }
    }
}
