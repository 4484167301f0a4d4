import Images

extension Image {
    /// Both sides times `scale`, rounded halves to even and at least 1.
    func resized(by scale: Double) -> Image {
        func side(_ length: Int) -> Int { max(Int((Double(length) * scale).rounded(.toNearestOrEven)), 1) }
        return resized(width: side(width), height: side(height))
    }
}
