package import Images

/// One view of a sample: its pixels and how they came about.
package struct SampleView: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case global, local, clean
    }

    package let kind: Kind
    /// Names the view's random numbers: 0 and 1 global, from 2 local, 254 clean.
    package let number: Int
    package let image: Image
    package let draw: ViewDraw

    package init(kind: Kind, number: Int, image: Image, draw: ViewDraw) {
        self.kind = kind
        self.number = number
        self.image = image
        self.draw = draw
    }
}
