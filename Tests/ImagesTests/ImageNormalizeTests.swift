import Images
import Testing

@Suite("Image+Normalize")
struct ImageNormalizeTests {
    @Test("planes follow channels, and every value is (v/255 − mean)/std")
    func planes() {
        let image = Image(width: 2, height: 3, pixels: (0..<18).map { UInt8($0 * 15) })
        let values = image.normalized()
        #expect(values.count == 18)
        let (mean, deviation) = (Normalization.clip.mean, Normalization.clip.standardDeviation)
        for channel in 0..<3 {
            for pixel in 0..<6 {
                let expected =
                    (Double((pixel * 3 + channel) * 15) / 255 - Double(mean[channel])) / Double(deviation[channel])
                #expect(abs(Double(values[channel * 6 + pixel]) - expected) < 1e-6)
            }
        }
    }

    @Test("CLIP's black is what PyTorch gives")
    func black() {
        let values = Image(width: 1, height: 1, filledWith: .black).normalized()
        #expect(zip(values, [-1.792_262_5, -1.752_097_4, -1.480_219_9] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
}
