import Checkpoints
import Datasets
import Foundation
import Layers
import Models
import Objectives
import Recipes
import TestSupport
import Tensors
import Testing

@Suite("A job of prompts")
struct MVPSEGStepTests {
    private static let all = JobSamples((0..<9).map(Int64.init), epoch: 0)

    private func run(
        _ fixture: MVPSEGFixture,
        _ cache: TargetDictionary? = nil,
        job: JobSamples = all,
        threads: Int = 1
    ) async throws -> (gradient: [Float], report: StepReport) {
        let step = try fixture.step(targets: cache, on: CPUBackend(threadCount: threads))
        return try await step.gradient(of: job, at: fixture.weights(step))
    }

    private func difference(_ a: [Float], _ b: [Float]) -> Double {
        let distance = zip(a, b).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        return (distance / b.reduce(0.0) { $0 + Double($1 * $1) }).squareRoot()
    }

    @Test("jobs add up to the whole within 2e-6, whatever cut and graphs", arguments: [[9], [3, 3, 3], [1, 8]])
    func cuts(sizes: [Int]) async throws {
        let fixture = try await MVPSEGFixture()
        let whole = try await run(fixture)
        #expect(whole.report.units == 9 && whole.report.samples == 9)
        #expect(whole.gradient.count == 4 * 3 * 8 + 2 && whole.gradient.count == fixture.plan.payloadCount)
        let graphs = try await MVPSEGFixture("objective.student_batch=2", "objective.class_batch=2", in: fixture.folder)
        var sum = [Float](repeating: 0, count: whole.gradient.count)
        var start: Int64 = 0
        for size in sizes {
            let job = JobSamples(Array(start..<start + Int64(size)), epoch: 0)
            start += Int64(size)
            let part = try await run(sizes.count == 1 ? graphs : fixture, job: job)
            for index in sum.indices { sum[index] += part.gradient[index] }
        }
        let found = difference(sum, whole.gradient)
        print("jobs of \(sizes): \(found)")
        #expect(found < 2e-6)
    }

    @Test("features found, computed and mixed give the same bits, on any number of threads")
    func cachedFeatures() async throws {
        let fixture = try await MVPSEGFixture()
        let without = try await run(fixture)
        let cache = TargetDictionary()
        let cold = try await run(fixture, cache)
        #expect(cold.report.targets == TargetTally(found: 0, computed: 9))
        let warm = try await run(fixture, cache, threads: 3)
        #expect(warm.report.targets == TargetTally(found: 9, computed: 0))
        let some = TargetDictionary(cache.all.filter { $0.key.digest.bytes[0] % 2 == 0 })
        let mixed = try await run(fixture, some)
        for other in [cold, warm, mixed] {
            #expect(other.gradient.map(\.bitPattern) == without.gradient.map(\.bitPattern))
            #expect(other.report == without.report)
        }
        // Fresh views are not rounded, and not kept.
        let fresh = try await MVPSEGFixture("objective.cache_features=false", in: fixture.folder)
        let untouched = TargetDictionary()
        _ = try await run(fresh, untouched)
        #expect(untouched.all.isEmpty)
    }

    @Test("a picture has two views for the whole run, whatever the epoch and the version, and features for each")
    func lastingViews() async throws {
        let fixture = try await MVPSEGFixture()
        let cache = TargetDictionary()
        let step = try fixture.step(targets: cache)
        for epoch in 0..<6 {
            let version = try fixture.weights(step, noise: UInt64(epoch))
            _ = try await step.gradient(of: JobSamples(Self.all.ids, epoch: epoch), at: version)
        }
        #expect(cache.all.count > 9 && cache.all.count <= 18)
        let other = try await MVPSEGFixture(in: fixture.folder, seed: 6)
        #expect(try await run(other, cache).report.targets.found == 0, "another encoder")
        let sized = try await MVPSEGFixture("objective.view_size=40", in: fixture.folder)
        #expect(try await run(sized, cache).report.targets.found == 0, "another size")
        let readout = try await MVPSEGFixture("objective.readout=kk", in: fixture.folder)
        #expect(try await run(readout, cache).report.targets.found == 0, "another read-out")
    }

    @Test("the average of the prompts and what it is take no part in the loss")
    func averageIsNotAsked() async throws {
        let fixture = try await MVPSEGFixture()
        let step = try fixture.step()
        let student = fixture.start.map { $0 + 0.01 }
        let one = try step.weights(student, teacher: fixture.start)
        let other = try step.weights(student, teacher: fixture.start.map { -$0 })
        let (first, _) = try await step.gradient(of: Self.all, at: one)
        #expect(try await step.gradient(of: Self.all, at: other).gradient == first)
        #expect(try await step.gradient(of: Self.all, at: step.weights(student)).gradient == first, "no average at all")
    }

    @Test("a run is bound to the classes of its dataset and stores the list itself")
    func classes() async throws {
        let fixture = try await MVPSEGFixture("objective.unseen=[tiger]")
        guard case .mvpSeg(let bound) = fixture.plan.recipe.objective else {
            Issue.record("another objective")
            return
        }
        #expect(bound.classes == "tiger | unseen\ndining table;desk\ncat\npotted plant\n" && bound.unseen.isEmpty)
        let again = try Recipe(json: fixture.plan.recipe.canonicalJSON())
        #expect(again == fixture.plan.recipe)
        #expect(try RecipeLoader().parse(fixture.plan.recipe.yaml()) == fixture.plan.recipe)
        #expect(try again.bound(to: fixture.dataset.index.classes) == again)
        for (setting, word) in [
            ("objective.classes=voc-20", "class 0 is airplane, and the labels' tiger"),
            ("objective.unseen=[wolf]", "\"wolf\""),
        ] {
            do {
                let named = try RecipeLoader().parse(MVPSEGFixture.recipe(in: fixture.folder), settings: [setting])
                _ = try named.bound(to: fixture.dataset.index.classes)
                Issue.record("\(setting) was taken")
            } catch {
                #expect("\(error)".contains(word), "\(error)")
            }
        }
        do {
            _ = try fixture.plan.recipe.bound(to: nil as ClassList?)
            Issue.record("a dataset without labels was taken")
        } catch {
            #expect("\(error)".contains("without labels"))
        }
    }

    @Test("a run is bound to its encoder, and a recipe written for another one is refused with both digests")
    func encoder() async throws {
        let fixture = try await MVPSEGFixture()
        let recipe = fixture.plan.recipe
        let model = try recipe.loadModel()
        let digest = try EncoderDigest.digest(of: fixture.tree, vision: model.vision, text: model.textTower())
        let bound = try recipe.bound(to: fixture.tree, model: model)
        guard case .mvpSeg(let configuration) = bound.objective else { return }
        #expect(configuration.encoder == digest)
        #expect(try Recipe(json: bound.canonicalJSON()) == bound)
        #expect(try bound.bound(to: fixture.tree, model: model) == bound)
        var other = fixture.tree
        other["ln_final.bias"] = try other.tensor("ln_final.weight")
        let found = try EncoderDigest.digest(of: other, vision: model.vision, text: model.textTower())
        do {
            _ = try bound.bound(to: other, model: model)
            Issue.record("another encoder was taken")
        } catch {
            #expect("\(error)".contains("\(digest)") && "\(error)".contains("\(found)"))
        }
    }

    @Test("pictures without labels cannot teach prompts, and a list that is none is refused by name")
    func refusals() throws {
        func problem(_ settings: [String]) -> String {
            do {
                let recipe = try RecipeLoader().load("mvpseg-voc", settings: settings)
                try recipe.validate(for: recipe.loadModel())
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(problem([]) == "")
        #expect(problem(["data.kind=folder", "data.segmentation=null"]).contains("data.kind is folder"))
        #expect(problem(["objective.classes=no-such-list"]).contains("objective.classes"))
        #expect(problem(["objective.k=3"]).contains("objective.k"))
        #expect(problem(["objective.initial_words=a photo of a"]).contains("objective.initial_words"))
    }

    @Test("the shipped recipes suit their models, and what they train is the prompts")
    func shipped() throws {
        for name in ["mvpseg-voc", "mvpseg-coco-stuff", "mvpseg-context", "mvpseg-desk"] {
            let recipe = try RecipeLoader().load(name)
            try recipe.validate(for: recipe.loadModel())
            #expect(recipe.optimizer.weightDecay == 0, "\(name)")
        }
    }
}
