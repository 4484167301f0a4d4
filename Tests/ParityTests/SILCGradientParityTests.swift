import Checkpoints
import Images
import Layers
import Models
import Objectives
import OrderedCollections
import Tensors
import Testing

/// A dump of `make_silc_fixtures.py`: a model, five samples' views and captions, and what PyTorch makes of them.
private struct SILCFixture {
    static let (samples, globals, locals) = (5, 2, 3)

    let fixture: Fixture
    let objective: SILC
    let student: ParameterTree
    let tokenRows: [Int]
    private let backend: any Backend

    init(_ kind: ContrastiveLoss.Kind, on backend: any Backend) throws {
        self.backend = backend
        fixture = try Fixture("silc-\(kind.rawValue)")
        var views = ViewSettings()
        (views.global.count, views.global.size) = (Self.globals, 32)
        (views.local.count, views.local.size) = (Self.locals, 16)
        let configuration = SILC.Configuration(
            contrastive: kind,
            masksDuplicates: false,
            contrastiveWeight: 0.75,
            distillationWeight: 1.5,
            prototypes: 11,
            headHidden: 10,
            headBottleneck: 6,
            views: views
        )
        let model = try ModelConfiguration(json: fixture.metadata("model").utf8)
        objective = try SILC(configuration, model: model, contrastiveBatch: Self.samples)
        tokenRows = try fixture.integers("token_rows")
        var tree = ParameterTree()
        let dumped = try fixture.parameters(on: backend)
        // The token table is zero but for the rows in use: nobody reads the others.
        for parameter in try objective.parameters() {
            tree[parameter.path] = try dumped.tensor(parameter.path)
        }
        let path = "token_embedding.weight"
        let rows = try dumped.tensor(path)
        let used = tokenRows
        tree[path] = Tensor([objective.model.text.vocabularySize, rows.shape[1]], on: backend) { values in
            values.update(repeating: 0)
            for (index, row) in used.enumerated() {
                let numbers = rows.floats[index * rows.shape[1]..<(index + 1) * rows.shape[1]]
                _ = UnsafeMutableBufferPointer(rebasing: values[row * rows.shape[1]..<(row + 1) * rows.shape[1]])
                    .update(fromContentsOf: numbers)
            }
        }
        student = tree
    }

    /// Half of the student, number for number.
    var teacher: ParameterTree {
        var tree = ParameterTree()
        for (path, tensor) in student.tensors { tree[path] = tensor.scaled(by: 0.5) }
        return tree
    }

    func views() throws -> [SILC.Views] {
        let (large, small) = (try pictures("globals", 32), try pictures("locals", 16))
        let tokens = try fixture.integers("tokens").map { Int32($0) }
        let context = objective.model.text.contextLength
        let whole = ViewDraw(crop: CropRectangle(x: 0, y: 0, width: 32, height: 32))
        return (0..<Self.samples).map { sample in
            let globals = (0..<Self.globals).map {
                SampleView(kind: .global, number: $0, image: large[sample * Self.globals + $0], draw: whole)
            }
            let locals = (0..<Self.locals).map {
                SampleView(kind: .local, number: 2 + $0, image: small[sample * Self.locals + $0], draw: whole)
            }
            return SILC.Views(
                sample: Int64(sample),
                pictures: SampleViews(stored: large[sample * Self.globals], views: globals + locals),
                caption: "caption \(sample)",
                tokens: Array(tokens[sample * context..<(sample + 1) * context]),
                mark: PeerRows.Mark(image: UInt64(sample), caption: UInt64(sample))
            )
        }
    }

    private func pictures(_ name: String, _ side: Int) throws -> [Image] {
        let bytes = try fixture.checkpoint.tensor(named: name).bytes
        let size = side * side * 3
        return stride(from: 0, to: bytes.count, by: size).map {
            Image(width: side, height: side, pixels: Array(bytes[$0..<$0 + size]))
        }
    }
}

extension Fixture {
    /// Of 32 bits.
    fileprivate func integers(_ name: String) throws -> [Int] {
        let bytes = try checkpoint.tensor(named: name).bytes
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Int(bytes[start..<start + 4].reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) })
        }
    }
}

@Suite("SILC's losses and gradients against PyTorch")
struct SILCGradientParityTests {
    private let backend = CPUBackend(threadCount: 2)

    /// One graph of all samples, or graphs that know of each other by their rows alone.
    @Test(
        "both losses, the statistics and every gradient agree, in one graph or in several",
        arguments: ContrastiveLoss.Kind.allCases,
        [[0..<5], [0..<2, 2..<5], [0..<1, 1..<4, 4..<5]]
    )
    func gradients(kind: ContrastiveLoss.Kind, graphs: [Range<Int>]) throws {
        let dump = try SILCFixture(kind, on: backend)
        let views = try dump.views()
        let layout = try dump.objective.trainableLayout()
        let differentiation = try ValueAndGradient(dump.student, trains: layout)
        let rows = try dump.objective.peerRows(of: views, student: dump.student, on: backend)
        let centre = try dump.fixture.floats("centre")
        var gradient = [Float](repeating: 0, count: layout.count)
        var terms: [LossTerm] = []
        var statistics = [Float](repeating: 0, count: dump.objective.statisticCount)
        for graph in graphs {
            let loss = try dump.objective.loss(
                of: Array(views[graph]),
                in: LossContext(centre: centre, peers: graphs.count == 1 ? nil : PeerSet(rows: rows, own: graph)),
                student: differentiation.parameters,
                teacher: dump.teacher,
                on: backend
            )
            let total = try #require(loss.total)
            try differentiation(addingTo: &gradient) { total }
            terms.add(loss.terms)
            for (index, value) in loss.statistics.enumerated() { statistics[index] += value }
        }
        try expectTerms(terms, of: dump)
        let sums = try dump.fixture.floats("cosine_sums") + dump.fixture.floats("distribution_sums")
        #expect(Difference(statistics.prefix(22), from: sums).largestAbsolute < 2e-5)
        #expect(statistics.suffix(2) == [10, 5])
        try expectGradients(gradient, layout, of: dump, name: "\(kind.rawValue), \(graphs.count) graphs")
    }

    private func expectTerms(_ terms: [LossTerm], of dump: SILCFixture) throws {
        let means = Dictionary(uniqueKeysWithValues: terms.map { ($0.name, $0.sum / Double($0.count)) })
        for (name, expected) in [
            ("contrastive", try dump.fixture.floats("contrastive")[0]),
            ("self_distillation", try dump.fixture.floats("distillation")[0]),
            ("loss", try dump.fixture.floats("total")[0] / 5),
        ] {
            let found = try #require(means[name])
            print("\(name): \(found), expected \(expected)")
            #expect(abs(found - Double(expected)) < 1e-5 * max(1, abs(Double(expected))), "\(name)")
        }
    }

    private func expectGradients(
        _ gradient: [Float],
        _ layout: ParameterLayout,
        of dump: SILCFixture,
        name: String
    ) throws {
        for (index, slice) in layout.slices.enumerated() {
            var found = Array(gradient[layout.range(of: index)])
            let expected = try dump.fixture.floats("gradients.\(slice.path)")
            if slice.path == "token_embedding.weight" {
                let width = slice.shape[1]
                let used = dump.tokenRows.flatMap { found[$0 * width..<($0 + 1) * width] }
                #expect(found.reduce(0) { $0 + abs($1) } == used.reduce(0) { $0 + abs($1) })
                found = used
            }
            let difference = Difference(found, from: expected)
            print("\(name), \(slice.path): \(difference)")
            #expect(difference.relative < 1e-3, "\(slice.path)")
            #expect(found.count == 1 || difference.cosine > 0.9999, "\(slice.path)")
        }
    }

    @Test("an embedding that differs from the published one is an error that names the sample")
    func mismatch() throws {
        let dump = try SILCFixture(.sigmoid, on: backend)
        let views = try dump.views()
        let rows = try dump.objective.peerRows(of: views, student: dump.student, on: backend)
        var wrong = PeerRows(width: rows.width)
        for index in 0..<rows.count {
            var row = Array(rows[index])
            if index == 3 { row[1] += 2e-4 }
            wrong.append(row, sample: rows.samples[index], mark: rows.marks[index])
        }
        func loss(_ own: Range<Int>) throws {
            _ = try dump.objective.loss(
                of: Array(views[own]),
                in: LossContext(
                    centre: [Float](repeating: 0, count: dump.objective.centreSize),
                    peers: PeerSet(rows: wrong, own: own)
                ),
                student: dump.student,
                teacher: dump.teacher,
                on: backend
            )
        }
        try loss(0..<3)
        do {
            try loss(2..<5)
            Issue.record("the difference was not noticed")
        } catch ObjectivesError.embeddingMismatch(let sample, let difference) {
            #expect(sample == 3 && difference > 1e-4)
        }
    }
}
