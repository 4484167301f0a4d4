import Checkpoints
import Layers
import Models
import OrderedCollections
import TestSupport
import Tensors
import Testing

@Suite("Files of dense students")
struct DenseStudentTests {
    private let backend = CPUBackend(threadCount: 1)
    private static let sizes = DenseDecoder.Configuration(inputs: 5, hidden: 4, embeddingSize: 6)

    private func prompts() -> SegmentationPrompts {
        SegmentationPrompts(
            contexts: (0..<2 * 3 * 8).map { Float($0) / 16 - 1 },
            count: 1,
            length: 3,
            width: 8,
            logScale: 4.5,
            logGateTemperature: -2.25,
            facts: SegmentationPrompts.Facts(
                isGated: true,
                gateSharpness: 100,
                readout: "value-residual",
                encoder: Digest(of: "encoder".utf8),
                tokenizer: CLIPTokenizer.digest,
                classList: "abc",
                origin: ["run": "trial", "step": "7", "parent": "prompts@3"]
            )
        )
    }

    private func student(learnedClass: String? = nil) throws -> DenseStudent {
        let source = RecordingSource(InitializingSource(seed: 2, on: backend))
        var sizes = Self.sizes
        sizes.learnsVector = learnedClass != nil
        _ = try DenseDecoder(ParameterScope(source), sizes)
        let tower: OrderedDictionary = ["visual.ln_post.bias": CheckpointTensor([1, 2, 3, 4, 5], shape: [5])]
        return DenseStudent(
            prompts: prompts(),
            decoder: source.tree.checkpoint.tensors,
            tower: tower,
            configuration: sizes,
            learnedClass: learnedClass
        )
    }

    @Test("a file reads back as what was written, and its prompts can be used alone")
    func roundTrip() throws {
        let folder = try TemporaryDirectory()
        try student().checkpoint.write(to: folder("student.safetensors"))
        let checkpoint = try Checkpoint.read(folder("student.safetensors"))
        #expect(DenseStudent.isStudent(checkpoint) && !DenseStudent.isStudent(prompts().checkpoint))
        let read = try DenseStudent(checkpoint, source: "file")
        #expect(try read == student())
        #expect(try SegmentationPrompts(checkpoint, source: "file") == prompts())
    }

    @Test("a file keeps the name and the vector of a class that has no words, and neither goes without the other")
    func learnedClass() throws {
        let written = try student(learnedClass: "background")
        #expect(try DenseStudent(written.checkpoint, source: "file") == written)
        var nameless = written.checkpoint
        nameless.metadata["learned_class"] = nil
        var vectorless = written.checkpoint
        vectorless.tensors[DenseDecoder.learnedVectorPath] = nil
        for broken in [nameless, vectorless] {
            let error = try #require(throws: ModelsError.self) { try DenseStudent(broken, source: "file") }
            #expect("\(error)".contains("do not fit"))
        }
    }

    @Test("a decoder fits its own tower alone")
    func decoder() throws {
        func tower(width: Int) throws -> VisionTransformer.Configuration {
            let vision = #"{"image_size": 16, "patch_size": 8, "width": \#(width), "head_width": 5, "layers": 1}"#
            return try ModelConfiguration(json: #"{"embed_dim": 6, "vision_cfg": \#(vision)}"#.utf8).vision
        }
        let decoder = try student().decoder(for: tower(width: 5), on: backend)
        let grid = Grid(rows: 2, columns: 1)
        let features = Tensor.random([2, 6], seed: 1, stream: 0, on: backend)
        let tokens = Tensor.random([2, 5], seed: 1, stream: 1, on: backend)
        #expect(decoder(tokens: tokens, features: features, grid: grid).shape == [8, 6])
        do {
            _ = try student().decoder(for: tower(width: 10), on: backend)
            Issue.record("another tower was taken")
        } catch let error as ModelsError {
            #expect("\(error)".contains("10"))
        }
    }

    /// What is damaged, and a word of what the message then says.
    private static let damages: [(String, @Sendable (inout Checkpoint) -> Void)] = [
        ("form 1", { $0.metadata["stillhouse_student"] = "2" }),
        ("encoder_sha256", { $0.metadata["encoder_sha256"] = nil }),
        ("first or the last", { $0.tensors["decoder.reduction.weight"] = nil }),
        ("first or the last", { $0.tensors["decoder.expansion.weight"] = CheckpointTensor([1], shape: [1]) }),
        ("do not fit", { $0.tensors["decoder.mixing.bias"] = CheckpointTensor([1, 2], shape: [2]) }),
        ("do not fit", { $0.tensors["decoder.log_scale"] = nil }),
        ("do not fit", { $0.tensors["decoder.more"] = CheckpointTensor([1], shape: []) }),
        ("visual.ln_post.bias", { $0.tensors["visual.ln_post.bias"] = CheckpointTensor([.infinity], shape: [1]) }),
    ]

    @Test("a file that is no file of a student is refused, and the message says what it lacks", arguments: 0..<8)
    func malformed(index: Int) throws {
        let (word, change) = Self.damages[index]
        var checkpoint = try student().checkpoint
        change(&checkpoint)
        do throws(ModelsError) {
            _ = try DenseStudent(checkpoint, source: "file.safetensors")
            Issue.record("it was read")
        } catch {
            #expect("\(error)".hasPrefix("file.safetensors: ") && "\(error)".contains(word), "\(error)")
        }
    }
}
