import Crypto

// Canonical encoding, little-endian, no alignment:
//   kind u8 · count u64 · per sample: key length u32, key UTF-8, width u32, height u32, boxes u32,
//   per box: annotation i64, category i64, flags u8 (1 crowd), x y width height f64 bit patterns
extension DatasetIndex {
    static func encoded(_ kind: Kind, _ samples: [Sample]) -> [UInt8] {
        var bytes: [UInt8] = [kind.rawValue]
        bytes.append(littleEndian: UInt64(samples.count))
        for sample in samples {
            bytes.append(littleEndian: UInt32(sample.key.utf8.count))
            bytes.append(contentsOf: sample.key.utf8)
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
        return bytes
    }

    static func digest(of bytes: some Sequence<UInt8>) -> [UInt8] {
        Array(SHA256.hash(data: Array(bytes)))
    }

    /// - Returns: nil when the bytes are not exactly one encoded index.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> DatasetIndex? {
        var reader = ByteReader(bytes)
        guard let kind = reader.byte().flatMap(Kind.init), let count = reader.integer(UInt64.self) else { return nil }
        var samples: [Sample] = []
        // The count is not trusted with memory: a sample has at least 17 bytes.
        samples.reserveCapacity(Int(min(count, UInt64(bytes.count / 17))))
        for id in 0..<count {
            guard let sample = sample(Int64(id), &reader) else { return nil }
            samples.append(sample)
        }
        return reader.isAtEnd ? DatasetIndex(kind: kind, samples: samples) : nil
    }

    private static func sample(_ id: Int64, _ reader: inout ByteReader) -> Sample? {
        guard let keyLength = reader.integer(UInt32.self),
            let key = reader.bytes(Int(keyLength)).flatMap({ String(validating: $0, as: UTF8.self) }),
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
        return Sample(id: id, key: key, width: Int(width), height: Int(height), boxes: boxes)
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

extension Array<UInt8> {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
