extension Image {
    /// CLIP's own preparation: resized (bicubic, antialias) until the shortest side is `side`, its shape kept, and then cut
    /// to a square about the middle, bit for bit as torchvision's `Resize` and `CenterCrop` do it with Pillow.
    ///
    /// The longest side is rounded down; a margin of an odd number of pixels leaves the halves to the even neighbour.
    /// What falls off is never computed: a picture of 10 × 30,000 pixels costs no more than its middle.
    /// - Returns: `side` × `side` pixels.
    /// - Precondition: a side of at least 1.
    /// - SeeAlso: Radford et al. 2021, arXiv:2103.00020; open_clip's `image_transform` with resize mode `shortest`.
    package func centerCropped(toSide side: Int) -> Image {
        precondition(side > 0, "sides are at least 1")
        let shortest = min(width, height)
        let newWidth = width == shortest ? side : side * width / shortest
        let newHeight = height == shortest ? side : side * height / shortest
        let (left, top) = (Self.margin(newWidth - side), Self.margin(newHeight - side))
        return resized(
            width: newWidth,
            height: newHeight,
            columns: left..<left + side,
            rows: top..<top + side
        )
    }

    /// Half of what is too much, as Python's `round` does it: halves to even.
    private static func margin(_ surplus: Int) -> Int { Int((Double(surplus) / 2).rounded(.toNearestOrEven)) }
}
