import Foundation
import Images
import TestSupport
import Testing

@Suite("ImageDecoder under mutation")
struct DecoderMutationTests {
    /// Small limits, so that a claim of many pixels is refused rather than tried.
    private static let limits = ImageLimits(maximumSide: 4096, maximumPixelCount: 1 << 20)
    /// Memory growth the whole loop may cause; the limits allow 3 MiB of pixels and libjpeg's coefficients at a time.
    private static let memoryBound = 96 << 20

    @Test(
        "thousands of damaged files give pictures within the limits or errors, in bounded memory",
        arguments: [
            "jpeg420.jpg", "jpeg-progressive.jpg", "jpeg-cmyk.jpg", "exif6.jpg", "rgba16.png", "palette4.png",
            "rgb-exif6.png",
            "grey1-interlaced.png",
        ]
    )
    func mutate(file: String) throws {
        let original = try Fixture.bytes(file)
        let seed = file.utf8.reduce(UInt64(17)) { $0 &* 31 &+ UInt64($1) }
        var generator = SeededGenerator(seed: seed)
        let before = peakMemory()
        var pictureCount = 0
        for round in 0..<1000 {
            let bytes = mutated(original, &generator)
            do {
                let options: ImageDecoder.Orientation = round % 2 == 0 ? .stored : .oriented
                let alpha: ImageDecoder.Alpha = round % 3 == 0 ? .overWhite : .dropped
                let image = try ImageDecoder.decode(bytes: bytes, options: options, alpha: alpha, limits: Self.limits)
                pictureCount += 1
                #expect(image.width * image.height <= Self.limits.maximumPixelCount, "seed \(seed), round \(round)")
                #expect(image.pixels.count == image.width * image.height * 3, "seed \(seed), round \(round)")
            } catch {
                #expect(error.liesInTheBytes, "seed \(seed), round \(round)")
            }
        }
        #expect((1..<1000).contains(pictureCount), "seed \(seed): the mutations harm nothing, or everything")
        #expect(peakMemory() - before < Self.memoryBound, "seed \(seed)")
    }

    /// One to eight edits: a byte, a bit, a field of big numbers, a cut, a repetition or a transplant.
    private func mutated(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0...Int.random(in: 0..<8, using: &generator) where bytes.count > 8 {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<4: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 4..<8: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 8: for index in place..<min(place + 4, bytes.count) { bytes[index] = 0xFF }
            case 9: bytes.removeSubrange(place..<min(bytes.count, place + 9))
            case 10: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
            default: bytes = Array(bytes.prefix(max(8, place)))
            }
        }
        // Without its first bytes a file is not even tried.
        bytes.replaceSubrange(0..<min(8, bytes.count), with: original.prefix(8))
        return original.starts(with: [0x89]) ? PNGBytes.withRightChecksums(bytes) : bytes
    }

    private func peakMemory() -> Int {
        var usage = rusage()
        #if canImport(Glibc)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
        getrusage(RUSAGE_SELF, &usage)
        #endif
        return usage.ru_maxrss << 10
    }
}
