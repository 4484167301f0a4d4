import Checkpoints
import OrderedCollections
import TestSupport
import Testing

struct SafetensorsHeaderTests {
    private static let good =
        #"{"__metadata__":{"format":"pt"},"some longer name":{"dtype":"I8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}"#

    private static func parse(_ json: String, dataByteCount: Int = 11) throws -> SafetensorsHeader {
        try SafetensorsHeader(parsing: Array(json.utf8), dataByteCount: dataByteCount, file: "f")
    }

    /// One tensor `a` whose fields are spelt out, over 8 bytes of data.
    private static func one(dtype: String = #""F32""#, shape: String = "[2]", offsets: String = "[0,8]") -> String {
        #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }

    @Test("entries come in the order of their bytes, wherever they stand in the header")
    func order() throws {
        let header = try Self.parse(
            #"{"b":{"shape":[3],"data_offsets":[8,11],"dtype":"U8"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   "#
        )
        #expect(Array(header.entries.keys) == ["a", "b"])
        let entry = try #require(header.entries["b"])
        #expect(entry.dtype == .uint8 && entry.shape == [3] && entry.bytes == 8..<11)
        #expect(header.metadata.isEmpty)
        #expect(try Self.parse(Self.good).metadata == ["format": "pt"])
    }

    @Test("escapes, surrogate pairs and raw UTF-8 in keys are read")
    func escapes() throws {
        let json = #"{"\u0061\n\"\\\/\ud83d\ude00é\b\f\r\t":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#
        let header = try Self.parse(json, dataByteCount: 1)
        #expect(Array(header.entries.keys) == ["a\n\"\\/😀é\u{8}\u{C}\r\t"])
    }

    @Test("tensors without elements may share an offset")
    func emptyTensors() throws {
        let json =
            #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}}"#
        #expect(try Self.parse(json, dataByteCount: 0).entries.count == 2)
        #expect(try Self.parse("{}", dataByteCount: 0).entries.isEmpty)
    }

    static let defects: [(String, String?, SafetensorsDefect)] = [
        (one(shape: "[-2]"), "a", .negativeNumber),
        (one(offsets: "[-8,0]"), "a", .negativeNumber),
        (one(shape: "[9223372036854775808]"), "a", .integerOverflow),
        (one(shape: "[4294967296,4294967296]"), "a", .integerOverflow),
        (one(shape: "[0,4294967296,4294967296]"), "a", .integerOverflow),
        (one(offsets: "[0,18446744073709551616]"), "a", .integerOverflow),
        (one(shape: "[2.0]"), "a", .notAnInteger),
        (one(shape: "[2e0]"), "a", .notAnInteger),
        (one(shape: "[02]"), "a", .notAnInteger),
        (one(shape: #"["2"]"#), "a", .headerNotJSON(offset: 29, expected: "a number")),
        (one(shape: "2"), "a", .headerNotJSON(offset: 28, expected: "an array")),
        (
            one(shape: "[\(Array(repeating: "1", count: 65).joined(separator: ","))]"), "a",
            .tooManyDimensions(limit: 64)
        ),
        (one(shape: "[3]"), "a", .wrongByteCount(expected: 12, found: 8)),
        (one(dtype: #""F64""#), "a", .wrongByteCount(expected: 16, found: 8)),
        (one(dtype: #""F8_E4M3""#), "a", .unsupportedDType("F8_E4M3")),
        (one(dtype: #""f32""#), "a", .unsupportedDType("f32")),
        (one(offsets: "[8,0]"), "a", .reversedOffsets(begin: 8, end: 0)),
        (one(offsets: "[8,16]"), "a", .offsetsBeyondData(end: 16, dataByteCount: 8)),
        (one(offsets: "[0]"), "a", .wrongOffsetCount(1)),
        (one(offsets: "[0,8,8]"), "a", .wrongOffsetCount(3)),
        (one(shape: "[1]", offsets: "[4,8]"), "a", .gap(begin: 0, end: 4)),
        (one(shape: "[1]", offsets: "[0,4]"), nil, .trailingBytes(count: 4)),
        (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, "a", .missingField("shape")),
        (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, "a", .missingField("dtype")),
        (#"{"a":{"dtype":"F32","shape":[2]}}"#, "a", .missingField("data_offsets")),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#, "a", .unknownField("x")),
        (#"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "a", .duplicateKey("dtype")),
        (#"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{}}"#, nil, .duplicateKey("a")),
        (#"{"__metadata__":{"x":"1","x":"2"}}"#, "__metadata__", .duplicateKey("x")),
        (#"{"__metadata__":{"x":1}}"#, "__metadata__", .headerNotJSON(offset: 21, expected: "a string")),
        (
            #"{"a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#,
            "b", .overlap(with: "a")
        ),
        (one() + "x", nil, .headerTrailingCharacters(offset: one().utf8.count)),
        (one() + "\0", nil, .headerTrailingCharacters(offset: one().utf8.count)),
        ("", nil, .headerNotJSON(offset: 0, expected: "an object")),
        ("[]", nil, .headerNotJSON(offset: 0, expected: "an object")),
        ("{", nil, .headerNotJSON(offset: 1, expected: "a string")),
        (#"{"a"}"#, nil, .headerNotJSON(offset: 4, expected: "a colon")),
        (one().dropLast() + ",}", nil, .headerNotJSON(offset: one().utf8.count, expected: "a string")),
        (#"{"a":{}}"#, "a", .missingField("dtype")),
        (#"{"\x":{}}"#, nil, .headerNotJSON(offset: 4, expected: "a valid escape")),
        (#"{"\ud800":{}}"#, nil, .headerNotJSON(offset: 8, expected: "a valid escape")),
        (#"{"\u12"#, nil, .headerNotJSON(offset: 6, expected: "four hexadecimal digits")),
        ("{\"a\n\":{}}", nil, .headerNotJSON(offset: 3, expected: "no control character")),
        (#"{"a"#, nil, .headerNotJSON(offset: 3, expected: "the end of a string")),
    ]

    @Test("each defect is an error with its own cause", arguments: defects)
    func defect(json: String, tensor: String?, defect: SafetensorsDefect) {
        #expect(throws: CheckpointError.malformed(file: "f", tensor: tensor, defect: defect)) {
            try Self.parse(json, dataByteCount: 8)
        }
    }

    @Test("a header that is not UTF-8 is refused", arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]])
    func notUTF8(bytes: [UInt8]) {
        let json = Array(#"{""#.utf8) + bytes + Array(#"":{}}"#.utf8)
        #expect(throws: CheckpointError.malformed(file: "f", tensor: nil, defect: .headerNotUTF8)) {
            try SafetensorsHeader(parsing: json, dataByteCount: 8, file: "f")
        }
    }

    @Test("nesting without end is refused, not followed")
    func nesting() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: CheckpointError.self) { try Self.parse(Self.one(shape: deep)) }
        #expect(throws: CheckpointError.self) { try Self.parse(String(repeating: #"{"a":"#, count: 100_000)) }
    }

    @Test("mutated headers are read or refused, and whatever is read fits the data", arguments: [UInt64(1), 2, 3, 4])
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let tokens = [
            "9223372036854775807", "-1", "{", "}", "[", "]", "\"", ",", ":", "\\u", "0", "a", "F32", "1e9", "\u{0}",
        ]
        var readCount = 0
        for round in 0..<2_500 {
            var bytes = Array(Self.good.utf8)
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: position)
                case 2:
                    bytes.insert(
                        contentsOf: Array(tokens.randomElement(using: &generator)?.utf8 ?? "".utf8),
                        at: position
                    )
                case 3: bytes[position] = UInt8.random(in: 0x30...0x39, using: &generator)
                default: bytes.removeSubrange(position..<min(bytes.count, position + 8))
                }
                if bytes.isEmpty { bytes = [0x7B] }
            }
            do {
                let header = try SafetensorsHeader(parsing: bytes, dataByteCount: 11, file: "f")
                readCount += 1
                var end = 0
                for (name, entry) in header.entries {
                    let fits =
                        entry.bytes.lowerBound == end && entry.dtype.byteCount(of: entry.shape) == entry.bytes.count
                    #expect(fits, "seed \(seed), round \(round): \(name)")
                    end = entry.bytes.upperBound
                }
                #expect(end == 11, "seed \(seed), round \(round)")
            } catch {
                guard case .malformed(file: "f", _, _) = error else {
                    Issue.record("seed \(seed), round \(round): \(error)")
                    continue
                }
            }
        }
        // Mutations of names and metadata leave a valid header, so some must be read: the loop tests both outcomes.
        #expect(readCount > 100 && readCount < 2_000, "seed \(seed): \(readCount) read")
    }

    @Test("what is encoded is parsed back, whatever names and strings", arguments: [UInt64(5), 6])
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("ab.\"\\/\n\t\u{1}é😀0{}[],: ")
        func text() -> String {
            String(
                (0..<Int.random(in: 1...12, using: &generator)).compactMap { _ in
                    alphabet.randomElement(using: &generator)
                }
            )
        }
        for _ in 0..<100 {
            var checkpoint = Checkpoint(metadata: [text(): text(), "format": "np"])
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                let dtype = CheckpointTensor.DType.allCases.randomElement(using: &generator) ?? .float32
                let shape = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    Int.random(in: 0...3, using: &generator)
                }
                let bytes = [UInt8](repeating: 7, count: try #require(dtype.byteCount(of: shape)))
                checkpoint.tensors[text()] = try CheckpointTensor(dtype: dtype, shape: shape, bytes: bytes)
            }
            let header = SafetensorsHeader(layingOut: checkpoint)
            let bytes = header.encoded()
            #expect(bytes.count % 8 == 0)
            let parsed = try SafetensorsHeader(
                parsing: Array(bytes.dropFirst(8)),
                dataByteCount: checkpoint.byteCount,
                file: "f"
            )
            #expect(parsed.metadata == header.metadata, "seed \(seed)")
            #expect(
                Dictionary(uniqueKeysWithValues: Array(parsed.entries))
                    == Dictionary(uniqueKeysWithValues: Array(header.entries)),
                "seed \(seed)"
            )
        }
    }
}
