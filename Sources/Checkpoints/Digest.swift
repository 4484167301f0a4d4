import Crypto

/// A SHA-256 value: the name of a chunk, a tensor, a file or a set of weights.
package struct Digest: Sendable, Hashable, Comparable {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// The digest of a byte string.
    package init(of bytes: some Sequence<UInt8>) {
        var hash = SHA256()
        if bytes.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(bytes))
        }
        self.bytes = Array(hash.finalize())
    }

    /// The digest of a tensor's little-endian bytes; type and shape are not part of it.
    package init(of tensor: CheckpointTensor) {
        self.init(of: tensor.bytes)
    }

    /// A stored value; nil unless it has 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    package init?(hexadecimal: String) {
        let digits = hexadecimal.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == 64, hexadecimal.utf8.count == 64 else { return nil }
        bytes = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// The digest of a file's bytes, as `sha256sum` prints it; reads a few megabytes at a time.
    package init(ofFile path: String) throws(CheckpointError) {
        let reader = try FileReader(opening: path)
        var hash = SHA256()
        var offset = 0
        while offset < reader.byteCount {
            let end = min(offset + 4 << 20, reader.byteCount)
            hash.update(data: try reader.bytes(in: offset..<end))
            offset = end
        }
        bytes = Array(hash.finalize())
    }

    package static func < (left: Digest, right: Digest) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Digest: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(hexadecimal: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not a SHA-256")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension TensorSource {
    /// One value for a set of weights, whatever file, shards or order hold it: the digest of one line
    /// `name dtype shape digest` for each tensor, sorted by name. Metadata do not count.
    package func contentDigest() throws(CheckpointError) -> Digest {
        var lines: [String] = []
        let sorted = signatures.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, signature) in sorted {
            let digest = Digest(of: try tensor(named: name))
            lines.append("\(name) \(signature.dtype.rawValue) \(signature.shape) \(digest)\n")
        }
        return Digest(of: lines.joined().utf8)
    }
}
