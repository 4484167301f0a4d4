import OrderedCollections

extension SafetensorsHeader {
    /// Reads and checks a header that stands before `dataByteCount` bytes of data.
    ///
    /// - Parameter file: the name that errors give.
    /// - Throws: `CheckpointError.malformed`, naming the tensor where one is to blame.
    package init(parsing bytes: [UInt8], dataByteCount: Int, file: String) throws(CheckpointError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .malformed(file: file, tensor: nil, defect: .headerNotUTF8)
        }
        var scanner = JSONScanner(bytes)
        var current: String?
        var metadata: [String: String] = [:]
        var entries: [(name: String, entry: Entry)] = []
        do throws(SafetensorsDefect) {
            try scanner.object { (scanner, key) throws(SafetensorsDefect) in
                current = key
                if key == Self.metadataKey {
                    metadata = try Self.metadata(from: &scanner)
                } else {
                    entries.append((key, try Entry(from: &scanner, dataByteCount: dataByteCount)))
                }
                current = nil
            }
            try scanner.end()
            entries.sort {
                ($0.entry.bytes.lowerBound, $0.entry.bytes.upperBound) < (
                    $1.entry.bytes.lowerBound, $1.entry.bytes.upperBound
                )
            }
            var end = 0
            var previous = ""
            for (name, entry) in entries {
                current = name
                guard entry.bytes.lowerBound >= end else { throw .overlap(with: previous) }
                guard entry.bytes.lowerBound == end else { throw .gap(begin: end, end: entry.bytes.lowerBound) }
                (end, previous) = (entry.bytes.upperBound, name)
            }
            current = nil
            guard end == dataByteCount else { throw .trailingBytes(count: dataByteCount - end) }
        } catch {
            throw .malformed(file: file, tensor: current, defect: error)
        }
        self.metadata = metadata
        self.entries = OrderedDictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.entry) })
    }

    private static func metadata(from scanner: inout JSONScanner) throws(SafetensorsDefect) -> [String: String] {
        var metadata: [String: String] = [:]
        try scanner.object { (scanner, key) throws(SafetensorsDefect) in metadata[key] = try scanner.string() }
        return metadata
    }
}

extension SafetensorsHeader.Entry {
    init(from scanner: inout JSONScanner, dataByteCount: Int) throws(SafetensorsDefect) {
        var dtypeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, field) throws(SafetensorsDefect) in
            switch field {
            case "dtype": dtypeName = try scanner.string()
            case "shape": shape = try Self.integers(from: &scanner)
            case "data_offsets": offsets = try Self.integers(from: &scanner)
            default: throw .unknownField(field)
            }
        }
        guard let dtypeName else { throw .missingField("dtype") }
        guard let shape else { throw .missingField("shape") }
        guard let offsets else { throw .missingField("data_offsets") }
        guard let dtype = CheckpointTensor.DType(rawValue: dtypeName) else { throw .unsupportedDType(dtypeName) }
        guard offsets.count == 2 else { throw .wrongOffsetCount(offsets.count) }
        guard offsets[0] <= offsets[1] else { throw .reversedOffsets(begin: offsets[0], end: offsets[1]) }
        guard let byteCount = dtype.byteCount(of: shape) else { throw .integerOverflow }
        guard byteCount == offsets[1] - offsets[0] else {
            throw .wrongByteCount(expected: byteCount, found: offsets[1] - offsets[0])
        }
        guard offsets[1] <= dataByteCount else {
            throw .offsetsBeyondData(end: offsets[1], dataByteCount: dataByteCount)
        }
        self.init(dtype: dtype, shape: shape, bytes: offsets[0]..<offsets[1])
    }

    private static func integers(from scanner: inout JSONScanner) throws(SafetensorsDefect) -> [Int] {
        var integers: [Int] = []
        try scanner.array { (scanner) throws(SafetensorsDefect) in
            guard integers.count < SafetensorsHeader.maximumRank else {
                throw .tooManyDimensions(limit: SafetensorsHeader.maximumRank)
            }
            integers.append(try scanner.unsignedInteger())
        }
        return integers
    }
}
