package import Datasets
package import Images
import Models
import Tensors

extension CLIPSelf {
    package var targetRule: TargetRule? {
        guard configuration.keepsTargets else { return nil }
        // Raise the number when `TeacherCrop`, `Image.resized` or the constants of normalisation change.
        return TargetRule(name: "clipself crop 1, \(cropSize) pixels, \(tower)", size: tower.embeddingSize)
    }

    package func targetCrops(of sample: Sample, seed: SampleSeed) -> [TargetCrop] {
        regions(of: sample, seed: seed).map { TargetCrop($0.crop) }
    }

    /// Noise, upright and not square, so that resizing and padding have their part too.
    package var targetProbe: Image? {
        let (width, height) = (3 * cropSize / 4, cropSize + 5)
        let noise = RandomGenerator(run: 0, epoch: 0, sample: 0, view: 0)
        let pixels = (0..<width * height * 3).map { UInt8(noise.integer(below: 256, at: $0)) }
        let whole = CropRectangle(
            x0: 0,
            y0: 0,
            x1: Double(width),
            y1: Double(height),
            imageWidth: width,
            imageHeight: height
        )
        return TeacherCrop.image(of: Image(width: width, height: height, pixels: pixels), whole, size: cropSize)
    }
}
