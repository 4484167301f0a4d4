package import Images

/// One picture that shows a person what an objective sees of a sample.
package struct InspectionPicture: Sendable {
    /// Part of a file name: `student`, `crops`.
    package var name: String
    package var image: Image

    package init(name: String, image: Image) {
        self.name = name
        self.image = image
    }
}
