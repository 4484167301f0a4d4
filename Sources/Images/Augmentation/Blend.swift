/// Pillow's blend of a channel with a ground: `ground + factor · (value − ground)` in Float32, cut to 0…255, the fraction
/// dropped. A factor of 1 is the picture, 0 the ground, more than 1 goes beyond the picture.
///
/// What torchvision's brightness, contrast and saturation of Pillow pictures come down to, bit for bit.
struct Blend {
    private let factor: Float

    /// - Precondition: finite.
    init(_ factor: Double) {
        precondition(factor.isFinite, "a blend needs a number")
        self.factor = Float(factor)
    }

    func callAsFunction(_ value: UInt8, over ground: UInt8) -> UInt8 {
        let mixed = Float(ground) + factor * Float(Int32(value) - Int32(ground))
        return UInt8(max(0, min(255, mixed)))
    }

    /// The result for each of the 256 values over one ground.
    func table(over ground: UInt8) -> [UInt8] {
        (0...255).map { self(UInt8($0), over: ground) }
    }
}
