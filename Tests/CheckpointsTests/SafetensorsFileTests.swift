import Checkpoints
import Foundation
import OrderedCollections
import TestSupport
import Testing

struct SafetensorsFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func expectDefect(_ defect: SafetensorsDefect, in bytes: [UInt8]) throws {
        let path = try directory.write(bytes, to: "bad.safetensors")
        #expect(throws: CheckpointError.malformed(file: path, tensor: nil, defect: defect)) {
            try SafetensorsFile.read(path)
        }
    }

    private static func prefix(_ length: UInt64) -> [UInt8] {
        withUnsafeBytes(of: length.littleEndian, Array.init)
    }

    @Test(
        "a file of the safetensors library, read and written again, has the same bytes",
        arguments: ["dtypes", "mix", "clip_open_clip", "clip_huggingface"]
    )
    func sameBytes(name: String) throws {
        let original = TestFile.path("CheckpointsTests/Fixtures/\(name).safetensors")
        var checkpoint = try SafetensorsFile.read(original)
        checkpoint.tensors.reverse()  // the writer's order must not depend on ours
        try SafetensorsFile.write(checkpoint, to: directory("copy.safetensors"))
        #expect(try Digest(ofFile: directory("copy.safetensors")) == Digest(ofFile: original))
    }

    @Test("a tensor that is not there is named together with the file")
    func noSuchTensor() throws {
        try SafetensorsFile.write(Checkpoint(), to: directory("empty.safetensors"))
        let file = try SafetensorsFile(opening: directory("empty.safetensors"))
        #expect(throws: CheckpointError.noSuchTensor(file: file.path, tensor: "a")) { try file.tensor(named: "a") }
    }

    @Test("files shorter than a length prefix are refused", arguments: [0, 1, 7])
    func tooShort(count: Int) throws {
        try expectDefect(.tooShort(byteCount: count), in: Array(repeating: 1, count: count))
    }

    @Test("a header length beyond the file allocates nothing", arguments: [UInt64(3), 1 << 20, 1 << 60, .max])
    func headerBeyondFile(length: UInt64) throws {
        let defect = SafetensorsDefect.headerBeyondFile(headerByteCount: length, fileByteCount: 10)
        try expectDefect(defect, in: Self.prefix(length) + Array("{}".utf8))
    }

    @Test("a header above the limit is refused even when the file is as long")
    func headerTooLong() throws {
        let path = try directory.write(Self.prefix(100_000_001), to: "sparse.safetensors")
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 100_000_100)
        try handle.close()
        let defect = SafetensorsDefect.headerTooLong(headerByteCount: 100_000_001, limit: 100_000_000)
        #expect(throws: CheckpointError.malformed(file: path, tensor: nil, defect: defect)) {
            try SafetensorsFile(opening: path)
        }
    }

    @Test("torch's own files are recognised and the way out is named")
    func torchArchive() throws {
        try expectDefect(.torchArchive, in: [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20])
        try expectDefect(.torchArchive, in: Array("PK\u{3}\u{4}".utf8) + [0, 0, 8, 8, 0, 0, 0, 0])
        try expectDefect(.torchArchive, in: Array("PK\u{3}\u{4}".utf8) + [0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test("a header of 640 bytes is no pickle, though its length starts like one")
    func lengthLikePickle() throws {
        var json = Array("{}".utf8)
        json += Array(repeating: UInt8(ascii: " "), count: 640 - json.count)
        let path = try directory.write(Self.prefix(640) + json, to: "spaces.safetensors")
        #expect(try SafetensorsFile.read(path).tensors.isEmpty)
    }

    @Test("data cut off at any length, or followed by more, is refused")
    func truncated() throws {
        let checkpoint = Checkpoint(tensors: ["a": CheckpointTensor([1, 2], shape: [2])])
        try SafetensorsFile.write(checkpoint, to: directory("whole.safetensors"))
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: directory("whole.safetensors"))))
        for count in 0..<bytes.count {
            let path = try directory.write(Array(bytes[..<count]), to: "part.safetensors")
            #expect(throws: CheckpointError.self, "\(count) bytes") { try SafetensorsFile.read(path) }
        }
        try expectDefect(.trailingBytes(count: 1), in: bytes + [0])
    }

    @Test("whole files mutated at random are read or refused", arguments: [UInt64(31), 32])
    func mutations(seed: UInt64) throws {
        let checkpoint = Checkpoint(tensors: [
            "a": CheckpointTensor([1, 2], shape: [2]), "b": CheckpointTensor([3], shape: []),
        ])
        try SafetensorsFile.write(checkpoint, to: directory("whole.safetensors"))
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: directory("whole.safetensors"))))
        var generator = SeededGenerator(seed: seed)
        for round in 0..<500 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: 0..<mutated.count, using: &generator)
                mutated[position] = UInt8.random(in: 0...255, using: &generator)
            }
            let path = try directory.write(mutated, to: "mutated.safetensors")
            do {
                let read = try SafetensorsFile.read(path)
                #expect(read.byteCount <= mutated.count, "seed \(seed), round \(round)")
            } catch {
                guard case .malformed(file: path, _, _) = error else {
                    Issue.record("seed \(seed), round \(round): \(error)")
                    continue
                }
            }
        }
    }

    @Test("what is missing, a directory or a pipe is named, and nothing waits")
    func notAFile() throws {
        let missing = directory("missing.safetensors")
        #expect(throws: CheckpointError.unreadable(file: missing, reason: "No such file or directory")) {
            try SafetensorsFile.read(missing)
        }
        #expect(throws: CheckpointError.notARegularFile(file: directory.path)) {
            try SafetensorsFile.read(directory.path)
        }
        #expect(mkfifo(directory("pipe"), 0o600) == 0)
        #expect(throws: CheckpointError.notARegularFile(file: directory("pipe"))) {
            try SafetensorsFile.read(directory("pipe"))
        }
    }

    @Test("a file cut down while open is an error, not a crash")
    func shrinks() throws {
        let path = directory("shrinks.safetensors")
        let checkpoint = Checkpoint(tensors: ["a": CheckpointTensor(Array(repeating: 1, count: 4096), shape: [4096])])
        try SafetensorsFile.write(checkpoint, to: path)
        let file = try SafetensorsFile(opening: path)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 1000)
        #expect(throws: CheckpointError.unreadable(file: path, reason: "it has become shorter while being read")) {
            try file.tensor(named: "a")
        }
    }

    @Test("writing replaces the target at once and leaves no other file")
    func atomicReplacement() throws {
        let path = directory("model.safetensors")
        let first = Checkpoint(tensors: ["a": CheckpointTensor([1], shape: [1])])
        let second = Checkpoint(tensors: ["a": CheckpointTensor([2], shape: [1])])
        try SafetensorsFile.write(first, to: path)
        let open = try SafetensorsFile(opening: path)
        try SafetensorsFile.write(second, to: path)
        #expect(try open.checkpoint().tensors == first.tensors, "an open reader keeps the old file")
        #expect(try SafetensorsFile.read(path).tensors == second.tensors)
        #expect(try directory.names() == ["model.safetensors"])
    }

    @Test("a write that fails leaves neither target nor debris")
    func failedWrite() throws {
        try FileManager.default.createDirectory(atPath: directory("taken"), withIntermediateDirectories: true)
        let taken = directory("taken")  // rename cannot put a file over a directory
        #expect(throws: CheckpointError.unwritable(file: taken, reason: "Is a directory")) {
            try SafetensorsFile.write(Checkpoint(), to: taken)
        }
        #expect(try directory.names() == ["taken"])
        let nowhere = directory("nowhere/model.safetensors")
        #expect(throws: CheckpointError.unwritable(file: nowhere, reason: "No such file or directory")) {
            try SafetensorsFile.write(Checkpoint(), to: nowhere)
        }
    }

    @Test("metadata are kept, and format is added only where none is named")
    func metadata() throws {
        try SafetensorsFile.write(Checkpoint(metadata: ["step": "7"]), to: directory("a.safetensors"))
        #expect(try SafetensorsFile.read(directory("a.safetensors")).metadata == ["step": "7", "format": "pt"])
        try SafetensorsFile.write(Checkpoint(metadata: ["format": "np"]), to: directory("a.safetensors"))
        #expect(try SafetensorsFile.read(directory("a.safetensors")).metadata == ["format": "np"])
    }
}
