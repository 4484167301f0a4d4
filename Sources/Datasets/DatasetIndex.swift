/// The list of samples that a run refers to: same index, same digest, same meaning of sample 17 on every machine.
package struct DatasetIndex: Sendable, Hashable {
    package enum Kind: UInt8, Sendable {
        case folder = 1
        case coco = 2
        case pairs = 3
        case webDataset = 4
        case scenes = 5
        case segmentation = 6
    }

    package let kind: Kind
    package let samples: [Sample]
    /// Files whose every byte the digest covers, by key: the parts of composed pictures. Empty for datasets of pictures.
    package let files: [IndexedFile]
    /// What the label files mean; of datasets of kind `segmentation`, and of no others.
    package let labelling: Labelling?
    /// SHA-256 of the canonical encoding: kind, and of each sample all that it knows. Contents of pictures are not in it.
    package let digest: [UInt8]

    /// - Precondition: `samples[i].id == i`; all have a label file, or none and there is nothing to mean.
    package init(kind: Kind, samples: [Sample], files: [IndexedFile] = [], labelling: Labelling? = nil) {
        precondition((kind == .segmentation) == (labelling != nil), "segmentations are what has labels")
        precondition(samples.allSatisfy { ($0.labelFile != nil) == (labelling != nil) }, "all have labels, or none")
        precondition(samples.indices.allSatisfy { samples[$0].id == Int64($0) }, "an id is a position")
        self.kind = kind
        self.samples = samples
        self.files = files
        self.labelling = labelling
        digest = Self.digest(of: Self.encoded(kind, samples, files, labelling))
    }

    package var count: Int { samples.count }

    /// The classes that ``LoadedSample/labels`` speak of: those of a segmentation, or the nouns of scenes. Nil where samples have
    /// no labels, among them scenes of more nouns than a label tells apart.
    package var classes: ClassList? {
        if let labelling { return labelling.classes }
        return kind == .scenes ? try? ClassList(names: samples.map(\.key), source: "nouns") : nil
    }

    package var captionCount: Int { samples.reduce(0) { $0 + $1.captions.count } }

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
