package import Checkpoints
import Foundation
package import Tensors

extension DenseReadout {
    /// One value for all that decides a dense feature but the pixels: weights, read-out, and how both are computed.
    ///
    /// - Parameters:
    ///   - encoder: the content digest of the weights.
    ///   - normalization: name of the constants that pixels are normalised by, such as `clip`.
    package func digest(
        encoder: Digest,
        of tower: VisionTransformer.Configuration,
        normalization: String = "clip",
        dtype: DType = .float32
    ) throws -> Digest {
        let record = Record(
            encoderDigest: encoder,
            name: name.rawValue,
            tail: tail.rawValue,
            sigma: sigma,
            normalization: normalization,
            activation: "\(tower.activation)",
            lnEps: "\(tower.normEpsilon)",
            posResize: "bicubic, a = -0.75, corners not aligned, no antialias",
            dtype: "\(dtype)"
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Digest(of: try encoder.encode(record))
    }

    /// Keys sorted, no blanks; what is absent is null, so that every record has the same keys.
    private struct Record: Encodable {
        let encoderDigest: Digest
        let name: String
        let tail: String
        let sigma: Double?
        let normalization: String
        let activation: String
        /// As text: a JSON number may be written in several ways.
        let lnEps: String
        let posResize: String
        let dtype: String

        private enum CodingKeys: String, CodingKey {
            case encoderDigest, name, tail, sigma, normalization, activation, lnEps, posResize, dtype
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(encoderDigest, forKey: .encoderDigest)
            try container.encode(name, forKey: .name)
            try container.encode(tail, forKey: .tail)
            try container.encode(sigma.map { "\($0)" }, forKey: .sigma)
            try container.encode(normalization, forKey: .normalization)
            try container.encode(activation, forKey: .activation)
            try container.encode(lnEps, forKey: .lnEps)
            try container.encode(posResize, forKey: .posResize)
            try container.encode(dtype, forKey: .dtype)
        }
    }
}
