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
        // Torch's archives are the usual mistake; their first bytes would read as an absurd header length.
        if start.starts(with: Array("PK\u{3}\u{4}".utf8)) || start.first == 0x80 && start.dropFirst().first == 2 {
            throw .malformed(file: path, tensor: nil, defect: .torchArchive)
        }
        guard start.count == 8 else {
            throw .malformed(file: path, tensor: nil, defect: .tooShort(byteCount: reader.byteCount))
        }
        let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(SafetensorsHeader.maximumByteCount) else {
            let defect: SafetensorsDefect =
                length > UInt64(reader.byteCount - 8)
                ? .headerBeyondFile(headerByteCount: length, fileByteCount: reader.byteCount)
                : .headerTooLong(headerByteCount: length, limit: SafetensorsHeader.maximumByteCount)
            throw .malformed(file: path, tensor: nil, defect: defect)
        }
        let dataOffset = 8 + Int(length)
        guard dataOffset <= reader.byteCount else {
            let defect = SafetensorsDefect.headerBeyondFile(headerByteCount: length, fileByteCount: reader.byteCount)
            throw .malformed(file: path, tensor: nil, defect: defect)
        }
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
}
