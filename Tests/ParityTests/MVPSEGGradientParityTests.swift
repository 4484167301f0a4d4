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

/// A dump of `make_prompt_fixtures.py`: a model, labelled views, and what PyTorch makes of them.
private struct PromptFixture {
    let fixture: Fixture
    let objective: MVPSEG
    let student: ParameterTree

    static let names = ["prompts-bce", "prompts-positive", "prompts-ungated", "prompts-pixels"]

    /// - Parameter sharesPrefix: as the recipe says.
    init(_ name: String, sharesPrefix: Bool, on backend: any Backend) throws {
        let fixture = try Fixture(name)
        func number(_ key: String) throws -> Double { try #require(Double(fixture.metadata(key))) }
        let weights = try JSONDecoder().decode([String: Double].self, from: Data(fixture.metadata("weights").utf8))
        let names = try JSONDecoder().decode([String].self, from: Data(fixture.metadata("names").utf8))
        let configuration = MVPSEG.Configuration(
            classes: names.joined(separator: "\n"),
            prompts: Int(try number("prompts")),
            contexts: Int(try number("contexts")),
            segmentationWeight: try #require(weights["segmentation"]),
            classificationWeight: try #require(weights["classification"]),
            isGated: try fixture.metadata("gated") == "on",
            classification: try #require(MaskLoss.Classification(rawValue: fixture.metadata("kind"))),
            gateSharpness: try number("sharpness"),
            viewSize: 32,
            labels: MVPSEG.LabelResolution(rawValue: try fixture.metadata("labels")),
            cachesFeatures: false,
            classBatch: 3,
            sharesPrefix: sharesPrefix
        )
        let objective = try MVPSEG(configuration, model: ModelConfiguration(json: fixture.metadata("model").utf8))
        var tree = ParameterTree()
        let dumped = try fixture.parameters(on: backend)
        for parameter in try objective.parameters() { tree[parameter.path] = try dumped.tensor(parameter.path) }
        // Nobody reads the other rows of the token table.
        let (rows, width) = (try dumped.tensor("token_embedding.weight"), objective.text.width)
        let used = try fixture.checkpoint.tensor(named: "token_rows").doubles.map { Int($0) }
        tree["token_embedding.weight"] = Tensor([objective.text.vocabularySize, width], on: backend) { values in
            values.update(repeating: 0)
            for (index, row) in used.enumerated() {
                _ = UnsafeMutableBufferPointer(rebasing: values[row * width..<(row + 1) * width])
                    .update(fromContentsOf: rows.floats[index * width..<(index + 1) * width])
            }
        }
        (self.fixture, self.objective, student) = (fixture, objective, tree)
    }

    func views() throws -> [MVPSEG.Views] {
        let (bytes, side) = (try fixture.checkpoint.tensor(named: "pictures").bytes, 32)
        let labels = try fixture.checkpoint.tensor(named: "labels")
        let (values, cells) = (labels.doubles, labels.shape[1])
        return (0..<labels.shape[0]).map { index in
            let start = index * side * side * 3
            return MVPSEG.Views(
                sample: Int64(index),
                picture: Image(width: side, height: side, pixels: Array(bytes[start..<start + side * side * 3])),
                cells: values[index * cells..<(index + 1) * cells].map { $0 < 0 ? LabelMap.void : UInt8($0) }
            )
        }
    }
}

@Suite("Learned prompts against PyTorch and open_clip")
struct MVPSEGGradientParityTests {
    private let backend = CPUBackend(threadCount: 2)

    @Test("vectors of the prompts, losses and every gradient agree", arguments: PromptFixture.names, [true, false])
    func gradients(name: String, sharesPrefix: Bool) throws {
        let dump = try PromptFixture(name, sharesPrefix: sharesPrefix, on: backend)
        let (objective, fixture) = (dump.objective, dump.fixture)
        let tower = try TextTransformer(ParameterScope(TreeSource(dump.student)), objective.text)
        let text = PromptLearner(tower, sharesPrefix: sharesPrefix)
            .features(contexts: try dump.student.tensor("prompts.contexts"), names: objective.names)
        let ofText = Difference(text.floats, from: try fixture.floats("text"))
        print("\(name), vectors of the prompts: \(ofText)")
        #expect(ofText.relative < 1e-5)

        let layout = try objective.trainableLayout()
        let differentiation = try ValueAndGradient(dump.student, trains: layout)
        let loss = try objective.loss(
            of: dump.views(),
            student: differentiation.parameters,
            teacher: dump.student,
            on: backend
        )
        let total = try #require(loss.total)
        let (value, gradient) = try differentiation { total }
        for (term, key) in [("loss", "total"), ("segmentation", "segmentation"), ("classification", "classification")] {
            guard let found = loss.terms.first(where: { $0.name == term })?.sum else {
                #expect(name == "prompts-ungated" && term == "classification")
                continue
            }
            let expected = Double(try fixture.floats(key)[0])
            print("\(name), \(term): \(found), expected \(expected)")
            #expect(abs(found - expected) < 1e-5 * max(1, abs(expected)), "\(term)")
        }
        #expect(abs(Double(value) - loss.terms[0].sum) < 1e-4)
        for (index, slice) in layout.slices.enumerated() {
            let expected = try fixture.floats("gradients.\(slice.path)")
            let found = Array(gradient[layout.range(of: index)])
            guard expected.contains(where: { $0 != 0 }) else {
                #expect(found == expected, "\(slice.path)")
                continue
            }
            let difference = Difference(found, from: expected)
            print("\(name), \(slice.path): \(difference)")
            #expect(difference.relative < 2e-5, "\(slice.path)")
        }
    }

    @Test("the loss that keeps prompts apart, and its gradient, agree", arguments: PromptFixture.names)
    func orthogonality(name: String) throws {
        let dump = try PromptFixture(name, sharesPrefix: true, on: backend)
        let found = try dump.objective.orthogonality(dump.student.tensor("prompts.contexts").floats)
        #expect(abs(found.loss - Double(try dump.fixture.floats("orthogonality")[0])) < 1e-5)
        let expected = try dump.fixture.floats("gradients.orthogonality")
        guard expected.contains(where: { $0 != 0 }) else {
            #expect(found.gradient.allSatisfy { $0 == 0 })
            return
        }
        let difference = Difference(found.gradient.map { Float($0) }, from: expected)
        print("\(name), orthogonality: \(difference)")
        #expect(difference.relative < 1e-5)
    }
}
