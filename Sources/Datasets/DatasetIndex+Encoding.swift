import Crypto

// Canonical encoding, little-endian, no alignment. Version 1, for pictures of folders and annotation files without captions:
//   kind u8 · count u64 · per sample: key length u32, key UTF-8, width u32, height u32, boxes u32,
//   per box: annotation i64, category i64, flags u8 (1 crowd), x y width height f64 bit patterns
// Version 2, for all others; its first byte is no kind, so that no bytes mean one thing in each:
//   0 u8 · 2 u8 · kind u8 · files u32 · per file: key length u32, key UTF-8, SHA-256 ·
//   count u64 · per sample: as in version 1, then captions u32, per caption length u32, UTF-8;
//   label u8 (1: i64 follows); place u8 (1: shard length u32, shard UTF-8, offset u64, bytes u64 follow)
// Version 3, for segmentations: 0 u8 · 3 u8 · kind, files as in version 2 ·
//   class list length u32, its canonical text · encoding u8 (1 values: count u32, per value: u16, class u8, by value; 2 segments) ·
//   count u64 · per sample: as in version 2, then label file length u32, UTF-8;
//   with segments: count u32, per segment: number u32, class u8, by number
extension DatasetIndex {
    /// What version 1 can say is said in it: digests that runs have stored stay what they are.
    static func version(
        _ kind: Kind,
        _ samples: [Sample],
        _ files: [IndexedFile],
        _ labelling: Labelling?
    ) -> UInt8 {
        if labelling != nil { return 3 }
        let isPlain = files.isEmpty && (kind == .folder || kind == .coco)
        let isOld = isPlain && samples.allSatisfy { $0.captions.isEmpty && $0.label == nil && $0.place == nil }
        return isOld ? 1 : 2
    }

    /// The version that an encoding is of, by its first bytes.
    static func version(of bytes: ArraySlice<UInt8>) -> UInt8 {
        bytes.first == 0 ? bytes.dropFirst().first ?? 0 : 1
    }

    static func encoded(
        _ kind: Kind,
        _ samples: [Sample],
        _ files: [IndexedFile],
        _ labelling: Labelling?
    ) -> [UInt8] {
        let version = version(kind, samples, files, labelling)
        let isExtended = version > 1
        var bytes: [UInt8] = isExtended ? [0, version, kind.rawValue] : [kind.rawValue]
        if isExtended {
            bytes.append(littleEndian: UInt32(files.count))
            for file in files {
                bytes.append(text: file.key)
                bytes.append(contentsOf: file.digest)
            }
        }
        if let labelling { bytes.append(labelling) }
        bytes.append(littleEndian: UInt64(samples.count))
        for sample in samples {
            append(sample, to: &bytes)
            if isExtended { appendExtension(of: sample, to: &bytes) }
            if let labelling, let file = sample.labelFile { bytes.append(file, labelling.encoding) }
        }
        return bytes
    }

    private static func append(_ sample: Sample, to bytes: inout [UInt8]) {
        bytes.append(text: sample.key)
        bytes.append(littleEndian: UInt32(sample.width))
        bytes.append(littleEndian: UInt32(sample.height))
        bytes.append(littleEndian: UInt32(sample.boxes.count))
        for box in sample.boxes {
            bytes.append(littleEndian: UInt64(bitPattern: box.annotationID))
            bytes.append(littleEndian: UInt64(bitPattern: box.categoryID))
            bytes.append(box.isCrowd ? 1 : 0)
            for value in [box.x, box.y, box.width, box.height] { bytes.append(littleEndian: value.bitPattern) }
        }
    }

    private static func appendExtension(of sample: Sample, to bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt32(sample.captions.count))
        for caption in sample.captions { bytes.append(text: caption) }
        bytes.append(sample.label == nil ? 0 : 1)
        if let label = sample.label { bytes.append(littleEndian: UInt64(bitPattern: label)) }
        bytes.append(sample.place == nil ? 0 : 1)
        guard let place = sample.place else { return }
        bytes.append(text: place.file)
        bytes.append(littleEndian: UInt64(bitPattern: place.offset))
        bytes.append(littleEndian: UInt64(bitPattern: place.byteCount))
    }

    static func digest(of bytes: some Sequence<UInt8>) -> [UInt8] {
        Array(SHA256.hash(data: Array(bytes)))
    }

    /// - Returns: nil when the bytes are not exactly one encoded index.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> DatasetIndex? {
        var reader = ByteReader(bytes)
        let version = version(of: bytes)
        guard (1...3).contains(version) else { return nil }
        let isExtended = version > 1
        if isExtended { _ = reader.bytes(2) }
        guard let kind = reader.byte().flatMap(Kind.init), (kind == .segmentation) == (version == 3),
            let files = isExtended ? files(&reader) : []
        else { return nil }
        var labelling: Labelling?
        if version == 3 {
            labelling = reader.labelling()
            if labelling == nil { return nil }
        }
        guard let count = reader.integer(UInt64.self) else { return nil }
        var samples: [Sample] = []
        // The count is not trusted with memory: a sample has at least 17 bytes.
        samples.reserveCapacity(Int(min(count, UInt64(bytes.count / 17))))
        for id in 0..<count {
            guard let sample = sample(Int64(id), isExtended: isExtended, labelling, &reader) else { return nil }
            samples.append(sample)
        }
        // One meaning, one encoding: otherwise two digests would name the same index.
        guard reader.isAtEnd, Self.version(kind, samples, files, labelling) == version else { return nil }
        return DatasetIndex(kind: kind, samples: samples, files: files, labelling: labelling)
    }

    private static func files(_ reader: inout ByteReader) -> [IndexedFile]? {
        guard let count = reader.integer(UInt32.self) else { return nil }
        var files: [IndexedFile] = []
        for _ in 0..<count {
            guard let key = reader.text(), let digest = reader.bytes(SHA256.byteCount) else { return nil }
            files.append(IndexedFile(key: key, digest: Array(digest)))
        }
        return files
    }

    private static func sample(
        _ id: Int64,
        isExtended: Bool,
        _ labelling: Labelling?,
        _ reader: inout ByteReader
    ) -> Sample? {
        guard let key = reader.text(),
            let width = reader.integer(UInt32.self),
            let height = reader.integer(UInt32.self),
            let boxCount = reader.integer(UInt32.self),
            !key.isEmpty, width > 0, height > 0
        else { return nil }
        var boxes: [AnnotationBox] = []
        for _ in 0..<boxCount {
            guard let box = box(&reader) else { return nil }
            boxes.append(box)
        }
        var (captions, label, place): ([String], Int64?, ShardPlace?) = ([], nil, nil)
        if isExtended {
            guard readExtension(&reader, &captions, &label, &place) else { return nil }
        }
        var labelFile: LabelFile?
        if let labelling {
            labelFile = reader.labelFile(labelling)
            if labelFile == nil { return nil }
        }
        return Sample(
            id: id,
            key: key,
            width: Int(width),
            height: Int(height),
            boxes: boxes,
            captions: captions,
            label: label,
            place: place,
            labelFile: labelFile
        )
    }

    /// - Returns: false when the bytes are illegal.
    private static func readExtension(
        _ reader: inout ByteReader,
        _ captions: inout [String],
        _ label: inout Int64?,
        _ place: inout ShardPlace?
    ) -> Bool {
        guard let count = reader.integer(UInt32.self) else { return false }
        for _ in 0..<count {
            guard let caption = reader.text(), !caption.isEmpty else { return false }
            captions.append(caption)
        }
        guard let hasLabel = reader.byte(), hasLabel <= 1 else { return false }
        if hasLabel == 1 {
            guard let number = reader.integer(UInt64.self) else { return false }
            label = Int64(bitPattern: number)
        }
        guard let hasPlace = reader.byte(), hasPlace <= 1 else { return false }
        guard hasPlace == 1 else { return true }
        guard let file = reader.text(), !file.isEmpty,
            let offset = reader.integer(UInt64.self).flatMap(Int64.init(exactly:)),
            let byteCount = reader.integer(UInt64.self).flatMap(Int64.init(exactly:)),
            !offset.addingReportingOverflow(byteCount).overflow
        else { return false }
        place = ShardPlace(file: file, offset: offset, byteCount: byteCount)
        return true
    }

    private static func box(_ reader: inout ByteReader) -> AnnotationBox? {
        guard let annotation = reader.integer(UInt64.self),
            let category = reader.integer(UInt64.self),
            let flags = reader.byte(), flags <= 1,
            let x = reader.double(), let y = reader.double(),
            let width = reader.double(), let height = reader.double(),
            width > 0, height > 0, AnnotationBox.isInRange([x, y, width, height])
        else { return nil }
        return AnnotationBox(
            annotationID: Int64(bitPattern: annotation),
            categoryID: Int64(bitPattern: category),
            x: x,
            y: y,
            width: width,
            height: height,
            isCrowd: flags == 1
        )
    }
}
