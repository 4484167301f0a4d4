import Foundation
import Images
import Tensors

/// A folder of small pictures made of noise, so that the bench needs no data.
struct E2EPictures {
    let directory: URL

    /// - Parameter side: in pixels.
    func write(count: Int, side: Int) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for index in 0..<count {
            // The same pictures on every machine, each unlike the others.
            var state = UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
            let pixels = (0..<side * side * 3).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return UInt8(truncatingIfNeeded: state)
            }
            let bytes = try PNGEncoder(compressionLevel: 1).encode(Image(width: side, height: side, pixels: pixels))
            try Data(bytes).write(to: directory.appendingPathComponent(String(format: "%04d.png", index)))
        }
    }
}
