import OrderedCollections

extension SafetensorsHeader {
    /// Lays tensors out in canonical order: element types from high to low rank, then names by their UTF-8 bytes.
    ///
    /// This is the order of safetensors' own writer, so equal tensors give equal files whoever writes them, and every
    /// tensor starts at a multiple of its element size. `format: pt` is added where no format is named, because some
    /// transformers releases refuse files without it.
    package init(layingOut checkpoint: Checkpoint) {
        let order = checkpoint.tensors.keys.sorted { left, right in
            let ranks = (Self.rank(of: checkpoint.tensors[left]), Self.rank(of: checkpoint.tensors[right]))
            return ranks.0 != ranks.1 ? ranks.0 > ranks.1 : left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        var entries: OrderedDictionary<String, Entry> = [:]
        var end = 0
        for name in order {
            guard let tensor = checkpoint.tensors[name] else { continue }
            entries[name] = Entry(dtype: tensor.dtype, shape: tensor.shape, bytes: end..<end + tensor.bytes.count)
            end += tensor.bytes.count
        }
        self.entries = entries
        self.metadata = checkpoint.metadata.merging(["format": "pt"]) { own, _ in own }
    }

    /// The file's first bytes: length prefix and JSON, padded with spaces so that data starts at a multiple of 8.
    package func encoded() -> [UInt8] {
        var json: [UInt8] = Array("{".utf8)
        let fields = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        json += Self.quoted(Self.metadataKey) + Array(":{".utf8)
        for (index, field) in fields.enumerated() {
            json += (index == 0 ? [] : Array(",".utf8)) + Self.quoted(field.key) + Array(":".utf8)
            json += Self.quoted(field.value)
        }
        json += Array("}".utf8)
        for (name, entry) in entries {
            let shape = entry.shape.map(String.init).joined(separator: ",")
            json += Array(",".utf8) + Self.quoted(name)
            json += Array(":{\"dtype\":\"\(entry.dtype.rawValue)\",\"shape\":[\(shape)],".utf8)
            json += Array("\"data_offsets\":[\(entry.bytes.lowerBound),\(entry.bytes.upperBound)]}".utf8)
        }
        json += Array("}".utf8)
        json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
    }

    private static func rank(of tensor: CheckpointTensor?) -> Int {
        tensor.flatMap { CheckpointTensor.DType.allCases.firstIndex(of: $0.dtype) } ?? 0
    }

    /// JSON string with the escapes that safetensors' writer chooses.
    static func quoted(_ string: String) -> [UInt8] {
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): quoted += Array("\\\"".utf8)
            case UInt8(ascii: "\\"): quoted += Array("\\\\".utf8)
            case 0x08: quoted += Array("\\b".utf8)
            case 0x0C: quoted += Array("\\f".utf8)
            case UInt8(ascii: "\n"): quoted += Array("\\n".utf8)
            case UInt8(ascii: "\r"): quoted += Array("\\r".utf8)
            case UInt8(ascii: "\t"): quoted += Array("\\t".utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                quoted += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            default: quoted.append(byte)
            }
        }
        return quoted + [UInt8(ascii: "\"")]
    }
}
