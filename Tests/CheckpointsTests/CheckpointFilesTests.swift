import Checkpoints
import OrderedCollections
import TestSupport
import Testing

struct CheckpointFilesTests {
    private let directory: TemporaryDirectory
    private let checkpoint: Checkpoint

    init() throws {
        directory = try TemporaryDirectory()
        checkpoint = Checkpoint(
            tensors: [
                "c": CheckpointTensor([5, 6, 7, 8], shape: [4]),
                "a": CheckpointTensor([1, 2], shape: [2]),
                "b": CheckpointTensor([3, 4], shape: [2, 1]),
            ],
            metadata: ["step": "3"]
        )
    }

    @Test("a sharded checkpoint comes back whole, from its index and from its directory")
    func shards() throws {
        let paths = try checkpoint.write(to: directory("model.safetensors"), maximumShardByteCount: 16)
        #expect(
            try directory.names() == [
                "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
            ]
        )
        #expect(paths.last == directory("model.safetensors.index.json"))
        for path in [directory("model.safetensors.index.json"), directory.path] {
            let files = try CheckpointFiles(opening: path)
            #expect(files.files.map { Array($0.header.entries.keys) } == [["a", "b"], ["c"]])
            let read = try files.checkpoint()
            #expect(try read.contentDigest() == checkpoint.contentDigest())
            #expect(read.metadata == ["step": "3", "format": "pt"])
            #expect(files.signatures["b"] == TensorSignature(dtype: .float32, shape: [2, 1]))
            #expect(try files.tensor(named: "c") == checkpoint.tensor(named: "c"))
            #expect(throws: CheckpointError.noSuchTensor(file: files.path, tensor: "d")) {
                try files.tensor(named: "d")
            }
        }
    }

    @Test("a tensor above the shard limit has a shard to itself")
    func largeTensor() throws {
        try checkpoint.write(to: directory("model.safetensors"), maximumShardByteCount: 1)
        let files = try CheckpointFiles(opening: directory.path)
        #expect(files.files.map(\.header.entries.count) == [1, 1, 1])
    }

    @Test("what fits the limit is one file")
    func singleFile() throws {
        let path = directory("model.safetensors")
        #expect(try checkpoint.write(to: path, maximumShardByteCount: 32) == [path])
        #expect(try directory.names() == ["model.safetensors"])
        #expect(try Checkpoint.read(directory.path).contentDigest() == checkpoint.contentDigest())
    }

    @Test("a directory with no candidate, or with two, is an error that lists them")
    func ambiguous() throws {
        #expect(throws: CheckpointError.noCheckpoint(directory: directory.path, found: [])) {
            try Checkpoint.read(directory.path)
        }
        try checkpoint.write(to: directory("model.safetensors"))
        try checkpoint.write(to: directory("model.safetensors"), maximumShardByteCount: 16)
        let found = ["model.safetensors", "model.safetensors.index.json"]
        #expect(throws: CheckpointError.noCheckpoint(directory: directory.path, found: found)) {
            try Checkpoint.read(directory.path)
        }
    }

    @Test("a failed shard leaves the old set and no debris")
    func failedShards() throws {
        try checkpoint.write(to: directory("model.safetensors"), maximumShardByteCount: 16)
        let before = try Checkpoint.read(directory.path)
        let names = try directory.names()
        let missing = directory("absent/model.safetensors")
        #expect(throws: CheckpointError.self) { try checkpoint.write(to: missing, maximumShardByteCount: 16) }
        #expect(try directory.names() == names)
        #expect(try Checkpoint.read(directory.path) == before)
    }

    private func expectIndexError(_ entry: String?, _ reason: String, _ json: String) throws {
        let path = try directory.write(Array(json.utf8), to: "model.safetensors.index.json")
        #expect(throws: CheckpointError.malformedIndex(file: path, entry: entry, reason: reason)) {
            try CheckpointFiles(opening: path)
        }
    }

    @Test("an index and its shards must agree in both directions")
    func disagreement() throws {
        try SafetensorsFile.write(checkpoint, to: directory("x.safetensors"))
        try expectIndexError(
            "d",
            "the index places it in x.safetensors, which lacks it",
            #"{"weight_map":{"a":"x.safetensors","b":"x.safetensors","c":"x.safetensors","d":"x.safetensors"}}"#
        )
        try expectIndexError(
            "b",
            "x.safetensors holds this tensor, but the index does not say so",
            #"{"weight_map":{"a":"x.safetensors"}}"#
        )
        try SafetensorsFile.write(checkpoint, to: directory("y.safetensors"))
        let path = try directory.write(
            Array(
                #"{"weight_map":{"a":"x.safetensors","b":"x.safetensors","c":"x.safetensors","d":"y.safetensors"}}"#
                    .utf8
            ),
            to: "twice.safetensors.index.json"
        )
        let files = [directory("x.safetensors"), directory("y.safetensors")]
        #expect(throws: CheckpointError.duplicateTensor(tensor: "a", files: files)) {
            try CheckpointFiles(opening: path)
        }
    }

    @Test("a shard that is not there is named")
    func missingShard() throws {
        let path = try directory.write(
            Array(#"{"weight_map":{"a":"x.safetensors"}}"#.utf8),
            to: "model.safetensors.index.json"
        )
        let reason = "No such file or directory"
        #expect(throws: CheckpointError.unreadable(file: directory("x.safetensors"), reason: reason)) {
            try CheckpointFiles(opening: path)
        }
    }
}
