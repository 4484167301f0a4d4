import Checkpoints
import Datasets
import Foundation
import Images
import Layers
import Models
import Objectives
import OrderedCollections
import Tensors
import Testing

/// A dump of `make_student_fixtures.py`: a tower, a decoder, labelled views, and what PyTorch makes of them.
private struct StudentFixture {
    let fixture: Fixture
    let objective: MVPSEGPlus
    let student: ParameterTree
    /// The tower as training began.
    let initial: ParameterTree

    static let names = ["student-guided", "student-self"]

    init(_ name: String, on backend: any Backend) throws {
        let fixture = try Fixture(name)
        func number(_ key: String) throws -> Double { try #require(Double(fixture.metadata(key))) }
        let unseen = try JSONDecoder().decode([Int].self, from: Data(fixture.metadata("unseen").utf8))
        let classes = (0..<Int(try number("classes"))).map { "class \($0)\(unseen.contains($0) ? " | unseen" : "")" }
        let isGuided = try fixture.metadata("guided") == "on"
        let configuration = MVPSEGPlus.Configuration(
            parent: "prompts@1",
            classes: classes.joined(separator: "\n"),
            decoderWidth: Int(try number("hidden")),
            unfreezeBlocks: Int(try number("unfrozen")),
            guidedFraction: isGuided ? 1 : 0,
            viewSize: 32,
            studentBatch: 2,
            promptsDigest: Digest(of: "prompts".utf8),
            encoder: Digest(of: "encoder".utf8),
            readout: "value-residual",
            gateSharpness: try number("sharpness")
        )
        // The dump has no text tower, and the student asks for none.
        let vision = try fixture.metadata("model").dropLast()
        let text = #""text_cfg": {"context_length": 8, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 1}"#
        let model = try ModelConfiguration(json: "\(vision), \(text)}".utf8)
        objective = try MVPSEGPlus(configuration, model: model, updates: 10)
        let dumped = try fixture.parameters(on: backend)
        var (student, initial) = (ParameterTree(), ParameterTree())
        for parameter in try objective.parameters() {
            student[parameter.path] = try dumped.tensor(parameter.path)
            let first = "initial.\(parameter.path)"
            initial[parameter.path] =
                fixture.checkpoint.tensors[first] == nil
                ? student[parameter.path] : try fixture.tensor(first, on: backend)
        }
        (self.fixture, self.student, self.initial) = (fixture, student, initial)
    }

    func views() throws -> [MVPSEGPlus.Views] {
        let (pictures, labels) = (
            try fixture.checkpoint.tensor(named: "pictures").bytes, try fixture.checkpoint.tensor(named: "labels").bytes
        )
        let pixels = 32 * 32
        return (0..<labels.count / pixels).map { index in
            MVPSEGPlus.Views(
                sample: Int64(index),
                picture: Image(
                    width: 32,
                    height: 32,
                    pixels: Array(pictures[index * pixels * 3..<(index + 1) * pixels * 3])
                ),
                labels: Array(labels[index * pixels..<(index + 1) * pixels]),
                isGuided: objective.isGuided(update: 0)
            )
        }
    }
}

@Suite("A dense student against PyTorch and open_clip")
struct DenseStudentParityTests {
    private let backend = CPUBackend(threadCount: 2)

    @Test("the decoder, pseudo labels, loss and every gradient agree", arguments: StudentFixture.names)
    func gradients(name: String) throws {
        let dump = try StudentFixture(name, on: backend)
        let (objective, fixture, views) = (dump.objective, dump.fixture, try dump.views())
        try expectCosines(dump, views)
        let layout = try objective.trainableLayout()
        let differentiation = try ValueAndGradient(dump.student, trains: layout)
        let loss = try objective.loss(
            of: views,
            student: differentiation.parameters,
            teacher: dump.initial,
            on: backend
        )
        let (value, gradient) = try differentiation { try #require(loss.total) }
        let expected = Double(try fixture.floats("total")[0])
        print("\(name): \(loss.terms[0].sum), expected \(expected)")
        #expect(loss.units == views.count)
        #expect(abs(loss.terms[0].sum - expected) < 1e-5 * expected)
        #expect(abs(Double(value) - loss.terms[0].sum) < 1e-4)
        for (index, slice) in layout.slices.enumerated() {
            let all = try fixture.floats("gradients.\(slice.path)")
            let difference = Difference(gradient[layout.range(of: index)], from: all[slice.elements])
            print("\(name), \(slice.path): \(difference)")
            #expect(difference.relative < 2e-5, "\(slice.path)")
        }
    }

    /// The student's cosines, and the labels that views get.
    private func expectCosines(_ dump: StudentFixture, _ views: [MVPSEGPlus.Views]) throws {
        let (objective, scope) = (dump.objective, ParameterScope(TreeSource(dump.student)))
        let tower = try VisionTransformer(scope, objective.vision)
        let decoder = try DenseDecoder(scope, objective.decoder)
        let classes = try dump.student.tensor("classes.segmentation")
        let grid = Grid(rows: 4, columns: 4)
        var (cosines, labels): ([Float], [UInt8]) = ([], [])
        for view in views {
            let (features, tokens) = tower.denseFeaturesAndTokens(Image.normalized([view.picture], on: backend))
            let own = decoder(
                tokens: tokens.reshaped(to: [16, 8]),
                features: features.tokens.reshaped(to: [16, 14]),
                grid: grid
            )
            cosines += own.linear(weight: classes).floats
            if !view.isGuided {
                let logits = PixelLogits(
                    own.linear(weight: classes).floats,
                    classes: 5,
                    grid: DenseDecoder.refined(grid),
                    side: 32
                )
                labels += PseudoLabels(unseen: objective.classes.unseen).labels(view.labels, by: logits).labels
            }
        }
        let difference = Difference(cosines, from: try dump.fixture.floats("cosines"))
        print("cosines: \(difference)")
        #expect(difference.relative < 1e-5)
        if !labels.isEmpty { #expect(labels == (try dump.fixture.checkpoint.tensor(named: "pseudo").bytes)) }
    }

    // MARK: Layers by themselves

    private func layer(
        _ key: String,
        inputs: [String],
        _ function: ([Tensor]) throws -> Tensor
    ) throws {
        let fixture = try Fixture("dense-layers")
        let tensors = try inputs.map { try fixture.tensor("\(key).\($0)", on: backend).asVariable() }
        let y = try function(tensors)
        let value = Difference(y.floats, from: try fixture.floats("\(key).y"))
        print("\(key): \(value)")
        #expect(value.relative < 1e-5)
        let gradients = y.gradients(of: tensors, seed: try fixture.tensor("\(key).weights", on: backend))
        for (name, gradient) in zip(inputs, gradients) {
            let difference = Difference(gradient.floats, from: try fixture.floats("\(key).gradients.\(name)"))
            print("\(key), gradient of \(name): \(difference)")
            #expect(difference.relative < 2e-5, "\(name)")
        }
    }

    private func scope(_ weight: Tensor, _ bias: Tensor) -> ParameterScope {
        ParameterScope(TreeSource(["weight": weight, "bias": bias]))
    }

    @Test("group norm, the convolution and bilinear resizing agree, also on a grid that is not square")
    func layers() throws {
        let grid = Grid(rows: 5, columns: 3)
        try layer("norm", inputs: ["x", "weight", "bias"]) { tensors in
            let norm = try GroupNorm(scope(tensors[1], tensors[2]), channels: 40)
            #expect(norm.groups == 20)
            return norm(tensors[0])
        }
        try layer("conv", inputs: ["x", "weight", "bias"]) { tensors in
            try Convolution(scope(tensors[1], tensors[2]), inputs: 6, outputs: 4)(tensors[0], grid: grid)
        }
        try layer("double", inputs: ["x"]) { $0[0].bilinearResized(from: grid, to: Grid(rows: 10, columns: 6)) }
        try layer("odd", inputs: ["x"]) { $0[0].bilinearResized(from: grid, to: Grid(rows: 7, columns: 2)) }
    }
}
