/// Mean and standard deviation of each channel in units of 0…1: they belong to the model family.
package struct Normalization: Sendable, Hashable {
    package var mean: [Float]
    package var standardDeviation: [Float]

    /// - Precondition: three of each, deviations positive.
    package init(mean: [Float], standardDeviation: [Float]) {
        precondition(mean.count == 3 && standardDeviation.count == 3, "one number a channel")
        precondition(standardDeviation.allSatisfy { $0 > 0 }, "deviations are positive")
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// Of OpenAI's CLIP, kept by open_clip, EVA-CLIP and CLIPSelf.
    package static let clip = Normalization(
        mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
        standardDeviation: [0.268_629_54, 0.261_302_58, 0.275_777_11]
    )

    /// The usual one of networks trained on ImageNet. MaskCLIP's own code shows CLIP's tower pictures normalised so.
    package static let imageNet = Normalization(
        mean: [0.485, 0.456, 0.406],
        standardDeviation: [0.229, 0.224, 0.225]
    )
}

extension Image {
    /// `(v/255 − mean)/std` in Float32, planes instead of interleaved pixels: [3, height, width].
    package func normalized(_ normalization: Normalization = .clip) -> [Float] {
        [Float](unsafeUninitializedCapacity: 3 * width * height) { target, count in
            normalize(normalization, into: UnsafeMutableBufferPointer(rebasing: target[..<(3 * width * height)]))
            count = 3 * width * height
        }
    }

    /// The same, written where it is wanted.
    ///
    /// - Parameter target: `[3, height, width]`.
    package func normalize(_ normalization: Normalization = .clip, into target: UnsafeMutableBufferPointer<Float>) {
        let plane = width * height
        precondition(target.count == 3 * plane, "three numbers a pixel")
        for channel in 0..<3 {
            let (mean, deviation) = (normalization.mean[channel], normalization.standardDeviation[channel])
            let table = (0..<256).map { (Float($0) / 255 - mean) / deviation }
            pixels.withUnsafeBufferPointer { source in
                table.withUnsafeBufferPointer { values in
                    for pixel in 0..<plane {
                        target[channel &* plane &+ pixel] = values[Int(source[pixel &* 3 &+ channel])]
                    }
                }
            }
        }
    }

    /// The same with the two vectors spelled out.
    package func normalized(mean: [Float], std: [Float]) -> [Float] {
        normalized(Normalization(mean: mean, standardDeviation: std))
    }
}
