/// What of a picture a target is about: a rectangle of it, and whether that is mirrored.
package struct TargetCrop: Hashable, Sendable {
    package var rectangle: CropRectangle
    package var isMirrored: Bool

    package init(_ rectangle: CropRectangle, isMirrored: Bool = false) {
        self.rectangle = rectangle
        self.isMirrored = isMirrored
    }
}
