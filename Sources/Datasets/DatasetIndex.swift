/// The list of samples that a run refers to: same index, same digest, same meaning of sample 17 on every machine.
package struct DatasetIndex: Sendable, Hashable {
    package enum Kind: UInt8, Sendable {
        case folder = 1
        case coco = 2
    }

    package let kind: Kind
    package let samples: [Sample]
    /// SHA-256 of the canonical encoding: kind, and of each sample key, sides and boxes. File contents are not in it.
    package let digest: [UInt8]

    /// - Precondition: `samples[i].id == i`.
    package init(kind: Kind, samples: [Sample]) {
        precondition(samples.indices.allSatisfy { samples[$0].id == Int64($0) }, "an id is a position")
        self.kind = kind
        self.samples = samples
        digest = Self.digest(of: Self.encoded(kind, samples))
    }

    package var count: Int { samples.count }

    package func sample(_ id: Int64) throws(DatasetError) -> Sample {
        guard id >= 0 && id < Int64(samples.count) else { throw .unknownSample(id: id, count: samples.count) }
        return samples[Int(id)]
    }

    /// The digest in lower-case hexadecimal, as it is stored and printed.
    package var digestText: String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        .joined()
    }
}
