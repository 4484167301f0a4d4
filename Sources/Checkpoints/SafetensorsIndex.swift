import Foundation
package import OrderedCollections

/// The `*.safetensors.index.json` of a sharded checkpoint: which file beside it holds which tensor.
///
/// - SeeAlso: Hugging Face Hub, "Sharded models": `{"metadata": {…}, "weight_map": {key: file}}`.
package struct SafetensorsIndex: Sendable, Hashable {
    package static let suffix = ".safetensors.index.json"

    /// Tensor name to plain file name.
    package let fileNames: OrderedDictionary<String, String>

    package init(reading path: String) throws(CheckpointError) {
        let reader = try FileReader(opening: path)
        guard reader.byteCount <= SafetensorsHeader.maximumByteCount else {
            throw .malformedIndex(file: path, entry: nil, reason: "\(reader.byteCount) bytes are too many for an index")
        }
        let bytes = try reader.bytes(in: 0..<reader.byteCount)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .malformedIndex(file: path, entry: nil, reason: "it is not UTF-8")
        }
        var scanner = JSONScanner(bytes)
        var fileNames: OrderedDictionary<String, String>?
        do throws(SafetensorsDefect) {
            try scanner.object { (scanner, field) throws(SafetensorsDefect) in
                guard field == "weight_map" else { return try scanner.skipValue() }
                var map: OrderedDictionary<String, String> = [:]
                try scanner.object { (scanner, key) throws(SafetensorsDefect) in map[key] = try scanner.string() }
                fileNames = map
            }
            try scanner.end()
        } catch {
            throw .malformedIndex(file: path, entry: nil, reason: error.cause)
        }
        guard let fileNames else { throw .malformedIndex(file: path, entry: nil, reason: "it has no weight_map") }
        // An index from elsewhere must not make us open files outside its own directory.
        for (tensor, name) in fileNames where name.isEmpty || name.contains("/") || name.contains("\0") || name == ".."
        {
            throw .malformedIndex(file: path, entry: tensor, reason: "\"\(name)\" is not the name of a file beside it")
        }
        self.fileNames = fileNames
    }

    package init(fileNames: OrderedDictionary<String, String>) {
        self.fileNames = fileNames
    }

    /// Indented JSON as Hugging Face's own writer lays it out, keys sorted.
    package func encoded(totalByteCount: Int) -> [UInt8] {
        var json = Array(
            "{\n  \"metadata\": {\n    \"total_size\": \(totalByteCount)\n  },\n  \"weight_map\": {\n".utf8
        )
        let pairs = fileNames.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (index, pair) in pairs.enumerated() {
            json += Array("    ".utf8) + SafetensorsHeader.quoted(pair.key) + Array(": ".utf8)
            json += SafetensorsHeader.quoted(pair.value) + Array(index + 1 < pairs.count ? ",\n".utf8 : "\n".utf8)
        }
        return json + Array("  }\n}\n".utf8)
    }
}
