import Foundation
import Images
import TestSupport

extension FuzzDecoder {
    /// 64 Mi pixels are within the limits: 192 MiB of RGB, 384 MiB of a progressive file's coefficients.
    static let jpeg = FuzzDecoder(
        name: "jpeg",
        memoryBound: 1024,
        corpus: { try pictures(".jpg", samples: ["0002.jpg", "0014.jpg"]) },
        mutate: JPEGMutation.apply,
        decode: picture
    )

    /// 256 MiB of RGBA and what becomes of it over white.
    static let png = FuzzDecoder(
        name: "png",
        memoryBound: 1024,
        corpus: { try pictures(".png", samples: []) },
        mutate: PNGMutation.apply,
        decode: picture
    )

    /// The fixtures cover every kind: progressive, CMYK, restart markers; palettes, 1 to 16 bits, interlacing, EXIF.
    private static func pictures(_ suffix: String, samples: [String]) throws -> [[UInt8]] {
        let folder = TestFile.path("ImagesTests/Fixtures")
        let fixtures = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter {
            $0.hasSuffix(suffix) && !$0.contains("expected")
        }
        let paths =
            fixtures.map { "\(folder)/\($0)" } + samples.map { TestFile.path("../Deploy/samples/held-out/\($0)") }
        return try paths.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))) }
    }

    private static func picture(_ bytes: [UInt8], _: FuzzWorkspace) async -> Verdict {
        do throws(ImageError) {
            let header = try ImageDecoder.header(of: bytes)
            // Odd and even lengths take different ways, so that one input is decoded once.
            let isTurned = bytes.count % 2 == 1
            let image = try ImageDecoder.decode(
                bytes: bytes,
                options: isTurned ? .oriented : .stored,
                alpha: isTurned ? .overWhite : .dropped
            )
            let sides = Set([image.width, image.height])
            return sides == Set([header.width, header.height]) ? .accepted : .wrong("another size than the header's")
        } catch {
            return error.liesInTheBytes
                ? .refused(label(of: error.reason)) : .wrong("wanted more memory than its bound")
        }
    }
}
