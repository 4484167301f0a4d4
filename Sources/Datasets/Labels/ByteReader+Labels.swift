// The parts of version 3 of the index's encoding that speak of labels.
extension Array<UInt8> {
    mutating func append(_ labelling: Labelling) {
        append(text: labelling.classes.text)
        switch labelling.encoding {
        case .values(let values):
            append(1)
            append(littleEndian: UInt32(values.ids.count))
            for (value, id) in values.ids.sorted(by: { $0.key < $1.key }) {
                append(littleEndian: value)
                append(id)
            }
        case .segments: append(2)
        }
    }

    mutating func append(_ file: LabelFile, _ encoding: Labelling.Encoding) {
        append(text: file.key)
        guard encoding == .segments else { return }
        append(littleEndian: UInt32(file.segments.count))
        for segment in file.segments {
            append(littleEndian: segment.number)
            append(segment.id)
        }
    }
}

extension ByteReader {
    /// Nil for what no index writes: another text than the canonical one, values out of order, ids of no class.
    mutating func labelling() -> Labelling? {
        guard let text = text(), let classes = try? ClassList(text: text, source: "index"), classes.text == text,
            let kind = byte()
        else { return nil }
        if kind == 2 { return Labelling(classes: classes, encoding: .segments) }
        guard kind == 1, let count = integer(UInt32.self) else { return nil }
        var ids: [UInt16: UInt8] = [:]
        var last = -1
        for _ in 0..<count {
            guard let value = integer(UInt16.self), Int(value) > last, let id = byte(),
                id >= LabelMap.withheld || Int(id) < classes.count
            else { return nil }
            ids[value] = id
            last = Int(value)
        }
        return Labelling(classes: classes, encoding: .values(LabelValues(ids)))
    }

    mutating func labelFile(_ labelling: Labelling) -> LabelFile? {
        guard let key = text(), !key.isEmpty else { return nil }
        guard labelling.encoding == .segments else { return LabelFile(key: key) }
        guard let count = integer(UInt32.self) else { return nil }
        var segments: [LabelFile.Segment] = []
        for _ in 0..<count {
            guard let number = integer(UInt32.self), number > segments.last?.number ?? 0, number < 1 << 24,
                let id = byte(), id == LabelMap.void || Int(id) < labelling.classes.count
            else { return nil }
            segments.append(LabelFile.Segment(number: number, id: id))
        }
        return LabelFile(key: key, segments: segments)
    }
}
