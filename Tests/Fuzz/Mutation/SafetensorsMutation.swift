import TestSupport

/// Damage to a safetensors header whose length prefix is made right again, mostly.
enum SafetensorsMutation {
    private static let text = TextMutation.json(
        words: [
            "F32", "F16", "BF16", "F64", "I64", "BOOL", "F8_E4M3", "U64", "dtype", "shape", "data_offsets",
            "__metadata__",
            "visual.conv1.weight", "model.",
        ],
        values: [
            "[0,0]", "[0]", "[4611686018427387904,2]", "[0,9223372036854775807]", "[9223372036854775807,1]", "[-1,4]",
        ]
    )

    static func apply(_ bytes: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout SeededGenerator) {
        guard bytes.count > 8, Int.random(in: 0..<5, using: &generator) > 0 else {
            return ByteMutation.apply(&bytes, corpus, &generator)
        }
        let claimed = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = Int(min(claimed, UInt64(bytes.count - 8)))
        var header = Array(bytes[8..<8 + length])
        let data = bytes[(8 + length)...]
        text.apply(&header, corpus, &generator)
        bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
    }
}
