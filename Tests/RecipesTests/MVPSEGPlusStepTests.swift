import Checkpoints
import Datasets
import Layers
import Models
import Objectives
import Recipes
import TestSupport
import Tensors
import Testing

@Suite("A job of a dense student")
struct MVPSEGPlusStepTests {
    private func run(
        _ fixture: MVPSEGPlusFixture,
        _ ids: Range<Int64> = 0..<9,
        update: Int = 0,
        threads: Int = 1
    ) async throws -> (gradient: [Float], report: StepReport) {
        let step = try fixture.step(threads: threads)
        let job = JobSamples(Array(ids), epoch: 0, update: update)
        return try await step.gradient(of: job, at: step.weights(fixture.student))
    }

    @Test(
        "jobs add up to the whole within 2e-6, whatever cut, graphs, phase and threads",
        arguments: [0, 50],
        ["objective.unfreeze_blocks=0", "objective.unfreeze_blocks=1"]
    )
    func cuts(update: Int, blocks: String) async throws {
        let pictures = try await MVPSEGFixture()
        let fixture = try await MVPSEGPlusFixture(blocks, over: pictures)
        let whole = try await run(fixture, update: update)
        #expect(whole.report.units == 9 && whole.report.samples == 9)
        let threads = try await run(fixture, update: update, threads: 3)
        #expect(threads.gradient.map(\.bitPattern) == whole.gradient.map(\.bitPattern))
        let graphs = try await MVPSEGPlusFixture(blocks, "objective.student_batch=1", over: pictures)
        for (fixture, bounds) in [(fixture, [0, 3, 6, 9]), (fixture, [0, 1, 9]), (graphs, [0, 9])] {
            var sum = [Float](repeating: 0, count: whole.gradient.count)
            for (start, end) in zip(bounds, bounds.dropFirst()) {
                let part = try await run(fixture, Int64(start)..<Int64(end), update: update)
                for index in sum.indices { sum[index] += part.gradient[index] }
            }
            let distance = zip(sum, whole.gradient).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            let found = (distance / whole.gradient.reduce(0.0) { $0 + Double($1 * $1) }).squareRoot()
            print("update \(update), \(blocks), jobs at \(bounds): \(found)")
            #expect(found < 2e-6)
        }
    }

    @Test("a job's phase is that of its update, whichever jobs the same step computed before")
    func phase() async throws {
        let fixture = try await MVPSEGPlusFixture(over: MVPSEGFixture())
        // Of a hundred updates the first ten are guided.
        let step = try fixture.step()
        let weights = try step.weights(fixture.student)
        func guided(_ update: Int) async throws -> Double? {
            let job = JobSamples([0, 1], epoch: 0, update: update)
            let report = try await step.gradient(of: job, at: weights).report
            return report.terms.first { $0.name == "guided" }?.mean
        }
        for update in [10, 0, 99, 9, 10, 3] { #expect(try await guided(update) == (update < 10 ? 1 : 0)) }
    }

    // MARK: Binding

    @Test("a run takes encoder, read-out, gate and parent from the prompts, and a recipe for others is refused")
    func prompts() async throws {
        let pictures = try await MVPSEGFixture()
        let model = try pictures.plan.recipe.loadModel()
        let encoder = try EncoderDigest.digest(of: pictures.tree, vision: model.vision, text: model.textTower())
        let prompts = try MVPSEGPlusFixture.prompts(for: encoder, width: 8)
        let named = try MVPSEGPlusFixture.recipe(in: pictures.folder)
        let bound = try named.bound(to: prompts, parent: "prompts@3", classes: "cat\ndog | unseen\n")
        guard case .mvpSegPlus(let configuration) = bound.objective else {
            Issue.record("another objective")
            return
        }
        #expect(configuration.parent == "prompts@3" && configuration.encoder == encoder && bound.encoder == encoder)
        #expect(configuration.readout == "value-residual" && configuration.gateSharpness == 20)
        #expect(configuration.isGated && configuration.classes == "cat\ndog | unseen\n")
        #expect(try Recipe(json: bound.canonicalJSON()) == bound)
        #expect(try RecipeLoader().parse(bound.yaml()) == bound)
        #expect(try bound.bound(to: prompts, parent: "prompts@3", classes: nil) == bound)
        let open = try MVPSEGPlusFixture.prompts(for: encoder, width: 8, isGated: false)
        let second = try named.bound(to: open, parent: nil, classes: nil)
        guard case .mvpSegPlus(let ungated) = second.objective else { return }
        #expect(!ungated.isGated)
        let other = try MVPSEGPlusFixture.prompts(for: Digest(of: "other".utf8), width: 8)
        expectRefusal("\(Digest(of: "other".utf8))", "\(encoder)") {
            _ = try bound.bound(to: other, parent: nil, classes: nil)
        }
        _ = try bound.bound(to: pictures.tree, model: model)
        let foreign = try named.bound(to: other, parent: nil, classes: nil)
        expectRefusal("\(Digest(of: "other".utf8))", "\(encoder)") {
            _ = try foreign.bound(to: pictures.tree, model: model)
        }
    }

    private func expectRefusal(_ words: String..., body: () throws -> Void) {
        do {
            try body()
            Issue.record("it was taken")
        } catch {
            for word in words { #expect("\(error)".contains(word), "\(error)") }
        }
    }

    @Test("the shipped recipes suit their models, and their parents' classes and data")
    func shipped() throws {
        for name in ["voc", "coco-stuff", "context", "desk"] {
            let recipe = try RecipeLoader().load("mvpseg-plus-\(name)")
            try recipe.validate(for: recipe.loadModel())
            let parent = try RecipeLoader().load("mvpseg-\(name)")
            #expect(recipe.data == parent.data && recipe.model == parent.model && recipe.start == parent.start)
            #expect(recipe.parameters.first?.pattern == "decoder.log_scale")
        }
    }

    @Test("without a parent, without labels, or with both sources of prompts there is nothing to train")
    func refusals() throws {
        func problem(_ settings: [String]) -> String {
            do {
                let recipe = try RecipeLoader().load("mvpseg-plus-voc", settings: settings)
                try recipe.validate(for: recipe.loadModel())
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(problem([]) == "")
        #expect(problem(["objective.parent=null"]).contains("objective.parent"))
        #expect(problem(["objective.prompts=file"]).contains("objective.parent"))
        #expect(problem(["data.kind=folder", "data.segmentation=null"]).contains("data.kind is folder"))
        #expect(problem(["objective.unfreeze_blocks=13"]).contains("12 blocks"))
        #expect(problem(["objective.phase=1"]).contains("objective.phase"))
    }
}
