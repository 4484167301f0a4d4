import Checkpoints
import OrderedCollections
import TestSupport
import Testing

struct SafetensorsIndexTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func read(_ bytes: [UInt8]) throws -> SafetensorsIndex {
        try SafetensorsIndex(reading: directory.write(bytes, to: "i.safetensors.index.json"))
    }

    @Test("what is encoded is read back, and other fields of any kind are passed over")
    func roundTrip() throws {
        let index = SafetensorsIndex(fileNames: ["b\"": "2.safetensors", "a": "1.safetensors"])
        #expect(try read(index.encoded(totalByteCount: 9)).fileNames == ["a": "1.safetensors", "b\"": "2.safetensors"])
        let other = #"{"metadata":{"x":[1,-2.5e3,null,{"y":true}]},"weight_map":{"a":"1"}, "z":""}"#
        #expect(try read(Array(other.utf8)).fileNames == ["a": "1"])
    }

    @Test("an index cannot lead out of its directory", arguments: ["../x", "/etc/x", "a/b", "..", "", "x\0y"])
    func escapes(name: String) throws {
        let path = directory("i.safetensors.index.json")
        let reason = "\"\(name)\" is not the name of a file beside it"
        let json = SafetensorsIndex(fileNames: ["a": name]).encoded(totalByteCount: 0)
        #expect(throws: CheckpointError.malformedIndex(file: path, entry: "a", reason: reason)) { try read(json) }
    }

    @Test(
        "a damaged index is refused with its cause",
        arguments: [
            ("{}", "it has no weight_map"),
            (#"{"weight_map":{"a":"1","a":"2"}}"#, "the key \"a\" occurs twice"),
            (#"{"weight_map":{"a":1}}"#, "expected a string at byte 19 of the JSON"),
            (#"{"weight_map":{}} x"#, "characters follow the JSON object at byte 18"),
            (#"{"metadata":?}"#, "expected a value at byte 12 of the JSON"),
            (#"{"metadata":"# + String(repeating: "[", count: 1000), "expected less nesting at byte 44 of the JSON"),
        ]
    )
    func damaged(json: String, reason: String) {
        let path = directory("i.safetensors.index.json")
        #expect(throws: CheckpointError.malformedIndex(file: path, entry: nil, reason: reason)) {
            try read(Array(json.utf8))
        }
    }

    @Test("an index that is not UTF-8 is refused")
    func notUTF8() {
        let path = directory("i.safetensors.index.json")
        #expect(throws: CheckpointError.malformedIndex(file: path, entry: nil, reason: "it is not UTF-8")) {
            try read([0x7B, 0xFF, 0x7D])
        }
    }
}
