package import OrderedCollections

/// The table of contents of one safetensors file, checked in full: what it says fits the file byte for byte.
///
/// Layout of a file: 8 bytes little-endian header length, a JSON object, then the data that `data_offsets` point into.
/// The entries, sorted by offset, must tile the data without overlap, gap or remainder (safetensors 0.3 and later).
package struct SafetensorsHeader: Sendable, Hashable {
    /// One tensor's place: `bytes` counts from the start of the data.
    package struct Entry: Sendable, Hashable {
        package let dtype: CheckpointTensor.DType
        package let shape: [Int]
        package let bytes: Range<Int>
    }

    /// In the order of their bytes.
    package let entries: OrderedDictionary<String, Entry>
    package let metadata: [String: String]

    /// The limit of the safetensors library itself; a tensor takes some 100 bytes of header.
    package static let maximumByteCount = 100_000_000
    static let maximumRank = 64
    static let metadataKey = "__metadata__"
}
