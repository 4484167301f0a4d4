package import Images

/// Everything that was drawn for one view. Together with the stored picture and a side it makes the view's pixels.
package struct ViewDraw: Hashable, Sendable {
    package let crop: CropRectangle
    package let isFlipped: Bool
    /// In the order of use; empty where the jitter did not fire.
    package let jitter: [ColorChange]
    package let isGray: Bool
    /// In pixels of the view; nil where the blur did not fire.
    package let blurSigma: Double?
    package let isSolarised: Bool

    package init(
        crop: CropRectangle,
        isFlipped: Bool = false,
        jitter: [ColorChange] = [],
        isGray: Bool = false,
        blurSigma: Double? = nil,
        isSolarised: Bool = false
    ) {
        self.crop = crop
        self.isFlipped = isFlipped
        self.jitter = jitter
        self.isGray = isGray
        self.blurSigma = blurSigma
        self.isSolarised = isSolarised
    }

    /// The view in 8-bit RGB: cut out, resized to a square, mirrored, then its colours changed.
    ///
    /// - Parameter stored: the picture that the crop was drawn for.
    package func view(of stored: Image, side: Int) -> Image {
        var view = stored
        if crop.width != stored.width || crop.height != stored.height {
            view = view.cropped(x: crop.x, y: crop.y, width: crop.width, height: crop.height)
        }
        view = view.resized(width: side, height: side)
        if isFlipped { view = view.flippedHorizontally() }
        for change in jitter { view = change.applied(to: view) }
        if isGray { view = view.grayscaled() }
        if let blurSigma { view = view.gaussianBlurred(sigma: blurSigma) }
        return isSolarised ? view.solarised() : view
    }
}
