import OrderedCollections

/// One open safetensors file whose header has been checked; tensors are read one at a time, when asked for.
///
/// - SeeAlso: the format's description in the safetensors repository, README, "Format".
package struct SafetensorsFile: Sendable {
    package let path: String
    package let header: SafetensorsHeader
    private let reader: FileReader
    private let dataOffset: Int

    /// Opens and checks a file without reading its data.
    ///
    /// - Throws: `CheckpointError.unreadable`, `.notARegularFile` or `.malformed`.
    package init(opening path: String) throws(CheckpointError) {
        let reader = try FileReader(opening: path)
        let start = try reader.bytes(in: 0..<min(8, reader.byteCount))
        guard start.count == 8 else {
            throw .malformed(file: path, tensor: nil, defect: .tooShort(byteCount: reader.byteCount))
        }
        let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if let defect = try Self.defect(ofLength: length, start, in: reader) {
            throw .malformed(file: path, tensor: nil, defect: defect)
        }
        let dataOffset = 8 + Int(length)
        self.path = path
        self.reader = reader
        self.dataOffset = dataOffset
        self.header = try SafetensorsHeader(
            parsing: reader.bytes(in: 8..<dataOffset),
            dataByteCount: reader.byteCount - dataOffset,
            file: path
        )
    }

    /// Reads one tensor's bytes.
    package func tensor(named name: String) throws(CheckpointError) -> CheckpointTensor {
        guard let entry = header.entries[name] else { throw .noSuchTensor(file: path, tensor: name) }
        let range = entry.bytes.lowerBound + dataOffset..<entry.bytes.upperBound + dataOffset
        return CheckpointTensor(trusted: entry.dtype, entry.shape, try reader.bytes(in: range))
    }

    /// Reads everything, in the order of the bytes.
    package func checkpoint() throws(CheckpointError) -> Checkpoint {
        var checkpoint = Checkpoint(metadata: header.metadata)
        for name in header.entries.keys { checkpoint.tensors[name] = try tensor(named: name) }
        return checkpoint
    }

    /// The whole content of a single file.
    package static func read(_ path: String) throws(CheckpointError) -> Checkpoint {
        try SafetensorsFile(opening: path).checkpoint()
    }

    /// What is wrong with a header of `length` bytes, if anything, before any memory is set aside for it.
    private static func defect(
        ofLength length: UInt64,
        _ start: [UInt8],
        in reader: FileReader
    ) throws(CheckpointError) -> SafetensorsDefect? {
        let isBeyondFile = length > UInt64(reader.byteCount - 8)
        let isTooLong = length > UInt64(SafetensorsHeader.maximumByteCount)
        guard isBeyondFile || isTooLong else { return nil }
        // A torch zip or pickle is the usual mistake; read as a length, its first bytes are absurd.
        let isPickle = isTooLong && start.starts(with: [0x80, 0x02])
        if isPickle || start.starts(with: Array("PK\u{3}\u{4}".utf8)) { return .torchArchive }
        return isBeyondFile
            ? .headerBeyondFile(headerByteCount: length, fileByteCount: reader.byteCount)
            : .headerTooLong(headerByteCount: length, limit: SafetensorsHeader.maximumByteCount)
    }
}
