import Datasets
import Foundation
import Layers
import Models
import Objectives
import Recipes
import TestSupport
import Tensors
import Testing

@Suite("A job of SILC and CLIPSelf together")
struct CombinedStepTests {
    private func payload(_ fixture: SILCFixture, _ samples: Range<Int64>) async throws -> ([Float], StepReport) {
        let step = try fixture.step()
        let version = try fixture.weights(step)
        let job = JobSamples(Array(samples), epoch: 1)
        let rows = try await step.peerRows(of: job, at: version).rows
        return try await step.gradient(of: job, at: version, among: rows)
    }

    private func largest(_ vector: some Sequence<Float>) -> Float { vector.reduce(0) { max($0, abs($1)) } }

    @Test("the regions' term adds its weight times one gradient, and leaves SILC's part alone")
    func weights() async throws {
        let alone = try await payload(SILCFixture(.softmax), 0..<6)
        let once = try await payload(SILCFixture(.softmax, regions: "weight: 1"), 0..<6)
        let thrice = try await payload(SILCFixture(.softmax, regions: "weight: 3"), 0..<6)
        let count = try await SILCFixture(.softmax).plan.student.count
        let single = zip(once.0, alone.0).prefix(count).map { $0 - $1 }
        let triple = zip(thrice.0, alone.0).prefix(count).map { $0 - $1 }
        #expect(largest(single) > 1e-3)
        #expect(largest(zip(triple, single).map { $0 - 3 * $1 }) < 2e-5 * largest(triple) + 1e-5)
        // Statistics are SILC's.
        #expect(Array(once.0.dropFirst(count)) == Array(alone.0.dropFirst(count)))
        func term(_ report: StepReport, _ name: String) -> LossTerm? { report.terms.first { $0.name == name } }
        #expect(term(once.1, "contrastive") == term(alone.1, "contrastive"))
        #expect(term(once.1, "self_distillation") == term(alone.1, "self_distillation"))
        let distance = try #require(term(once.1, "cosine_distance"))
        #expect(distance.count == 6 && distance.sum > 0 && distance.sum < 12)
        #expect(abs(once.1.loss - alone.1.loss - distance.sum) < 1e-3)
        #expect(abs(thrice.1.loss - alone.1.loss - 3 * distance.sum) < 1e-3)
        #expect(once.1.units == 6)
    }

    @Test("the regions' term is the mean over a picture's regions of CLIPSelf's distance, against the moving teacher")
    func regionTerm() async throws {
        let fixture = try await SILCFixture(.sigmoid, regions: "weight: 1, regions_per_image: 3")
        let objective = try #require(fixture.plan.objective as? CombinedObjective)
        let step = try fixture.step()
        let version = try fixture.weights(step)
        let (_, report) = try await step.gradient(of: JobSamples([4], epoch: 0), at: version)
        let seed = SampleSeed(run: fixture.plan.recipe.seed, epoch: 0, sample: 4)
        guard case .loaded(let loaded) = try await fixture.dataset.load(4, seed: seed) else {
            Issue.record("the picture was not loaded")
            return
        }
        let views = objective.views(of: loaded, seed: seed)
        #expect(views.regions.count == 3 || views.regions.count < 3 && !views.regions.isEmpty)
        // CLIPSelf alone, on the same view as its whole picture.
        let clipself = try CLIPSelf(
            CLIPSelf.Configuration(studentSize: 32, unlockedGroups: 0),
            tower: objective.silc.model.vision
        )
        let alone = clipself.views(of: views.silc.pictures.globals[0], regions: views.regions)
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        let student = fixture.start.enumerated().map { $1 + 0.02 * Float(noise.normal(at: $0)) }
        let loss = try clipself.loss(
            of: [alone],
            student: fixture.plan.tree(student: student, over: fixture.base, on: fixture.backend),
            teacher: fixture.plan.tree(student: fixture.start, over: fixture.base, on: fixture.backend),
            on: fixture.backend
        )
        let expected = loss.terms[0].sum / Double(loss.units)
        let found = try #require(report.terms.first { $0.name == "cosine_distance" }).sum
        #expect(abs(found - expected) < 1e-5)
    }

    @Test("jobs add up to the whole batch with global negatives")
    func jobs() async throws {
        let fixture = try await SILCFixture(.sigmoid, regions: "weight: 0.5", "objective.silc.negatives=global")
        let step = try fixture.step()
        let version = try fixture.weights(step)
        let all = JobSamples(Array(0..<11), epoch: 0)
        let whole = try await step.gradient(of: all, at: version).gradient
        let rows = try await step.peerRows(of: all, at: version).rows
        var sum = [Float](repeating: 0, count: whole.count)
        for part in [0..<2, 2..<7, 7..<11] as [Range<Int64>] {
            let job = JobSamples(Array(part), epoch: 0)
            let found = try await step.gradient(of: job, at: version, among: rows).gradient
            for index in sum.indices { sum[index] += found[index] }
        }
        #expect(largest(zip(sum, whole).map { $0 - $1 }) < 1e-5 * largest(whole))
    }
}
