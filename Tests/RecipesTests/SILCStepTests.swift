import Datasets
import Foundation
import Layers
import Objectives
import Optimizers
import Recipes
import TestSupport
import Tensors
import Testing

@Suite("A job of SILC")
struct SILCStepTests {
    /// Largest difference of two vectors, relative to the largest number.
    private func difference(_ a: [Float], _ b: [Float]) -> Double {
        let magnitude = b.reduce(0) { max($0, abs($1)) }
        return zip(a, b).reduce(0.0) { max($0, Double(abs($1.0 - $1.1) / magnitude)) }
    }

    @Test(
        "with global negatives the jobs' gradients add up to that of the whole batch in one process",
        arguments: ContrastiveLoss.Kind.allCases,
        [[12], [6, 6], [5, 3, 4], [1, 2, 9]]
    )
    func globalNegatives(kind: ContrastiveLoss.Kind, sizes: [Int]) async throws {
        let fixture = try await SILCFixture(kind, "objective.negatives=global")
        let step = try fixture.step()
        let version = try fixture.weights(step)
        let all = JobSamples((0..<12).map(Int64.init), epoch: 1)
        let (whole, wholeReport) = try await step.gradient(of: all, at: version)

        var start = 0
        let jobs = sizes.map { size in
            defer { start += size }
            return JobSamples(Array(all.ids[start..<start + size]), epoch: 1)
        }
        var rows = PeerRows(width: fixture.plan.objective.peerRowSize)
        for job in jobs {
            let (more, report) = try await step.peerRows(of: job, at: version)
            #expect(report.samples == job.ids.count)
            rows = rows + more
        }
        var sum = [Float](repeating: 0, count: fixture.plan.payloadCount)
        var report = StepReport()
        for job in jobs {
            let (part, partReport) = try await step.gradient(of: job, at: version, among: rows)
            for index in sum.indices { sum[index] += part[index] }
            report.units += partReport.units
            report.loss += partReport.loss
        }
        #expect(report.units == 12 && wholeReport.units == 12)
        #expect(abs(report.loss - wholeReport.loss) < 1e-4 * abs(wholeReport.loss))
        let apart = difference(sum, whole)
        print("\(kind.rawValue), jobs of \(sizes): largest difference \(apart) of the largest number")
        #expect(apart < 1e-5)
        // Temperature and bias are single numbers that a large gradient elsewhere must not hide.
        for path in ["logit_scale", "logit_bias"] {
            guard let index = fixture.plan.student.slices.firstIndex(where: { $0.path == path }) else {
                #expect(kind == .softmax && path == "logit_bias")
                continue
            }
            let place = fixture.plan.student.range(of: index).lowerBound
            #expect(abs(sum[place] - whole[place]) < 1e-5 * max(1, abs(whole[place])), "\(path)")
            #expect(whole[place] != 0)
        }
    }

    @Test("with job negatives a job that spans several graphs has the gradient of one graph")
    func cachedEmbeddings() async throws {
        let one = try await SILCFixture(.sigmoid)
        let several = try await SILCFixture(.sigmoid, "objective.student_batch=5")
        let job = JobSamples((0..<12).map(Int64.init), epoch: 0)
        let (first, second) = (try one.step(), try several.step())
        let (expected, _) = try await first.gradient(of: job, at: one.weights(first))
        let (found, _) = try await second.gradient(of: job, at: several.weights(second))
        #expect(difference(found, expected) < 1e-5)
    }

    @Test("pairs compared with the job's alone have another gradient than with the whole batch's")
    func negativesMatter() async throws {
        let fixture = try await SILCFixture(.softmax)
        let step = try fixture.step()
        let version = try fixture.weights(step)
        let whole = try await step.gradient(of: JobSamples(Array(0..<12), epoch: 0), at: version).gradient
        var sum = [Float](repeating: 0, count: whole.count)
        for first in stride(from: Int64(0), to: 12, by: 4) {
            let part = try await step.gradient(of: JobSamples(Array(first..<first + 4), epoch: 0), at: version)
            for index in sum.indices { sum[index] += part.gradient[index] }
        }
        #expect(difference(sum, whole) > 1e-2)
    }

    @Test("the bits do not depend on threads", arguments: ["job", "global"])
    func threads(negatives: String) async throws {
        let fixture = try await SILCFixture(.sigmoid, "objective.negatives=\(negatives)")
        let job = JobSamples(Array(0..<7), epoch: 2)
        func payload(_ threads: Int) async throws -> ([Float], PeerRows) {
            let step = try fixture.step(on: CPUBackend(threadCount: threads))
            let version = try fixture.weights(step)
            let rows = try await step.peerRows(of: job, at: version).rows
            return (try await step.gradient(of: job, at: version, among: rows).gradient, rows)
        }
        let (one, three) = (try await payload(1), try await payload(3))
        #expect(one.0 == three.0)
        #expect(one.1 == three.1)
    }

    @Test("without distillation there is no head, no teacher, no centre and nothing behind the gradient")
    func contrastiveOnly() async throws {
        let fixture = try await SILCFixture(
            .softmax,
            "objective.distillation_weight=0",
            "objective.views.local.count=0"
        )
        let plan = fixture.plan
        #expect(plan.teacherPolicy == .none)
        #expect(plan.teacher.count == 0 && plan.centreSize == 0 && plan.payloadCount == plan.student.count)
        #expect(!plan.parameters.contains { plan.objective.isAuxiliary($0.path) })
        let step = try fixture.step()
        let (_, report) = try await step.gradient(of: JobSamples(Array(0..<6), epoch: 0), at: fixture.weights(step))
        #expect(report.units == 6)
        #expect(!report.terms.contains { $0.name == "self_distillation" })
    }

    @Test("captions that say nothing are reported and left out of the set")
    func emptyCaptions() async throws {
        var captions = (0..<6).map { "number \($0)" }
        captions[2] = "&nbsp;"
        captions[4] = String(repeating: "word ", count: 10_000)
        let fixture = try await SILCFixture(.sigmoid, captions: captions)
        let step = try fixture.step()
        let version = try fixture.weights(step)
        let (_, report) = try await step.gradient(of: JobSamples(Array(0..<6), epoch: 0), at: version)
        #expect(report.units == 5 && report.samples == 5)
        let skipped = try #require(report.badSamples.first)
        #expect(report.badSamples.count == 1 && skipped.id == 2 && skipped.reason == "it has no caption")
        let rows = try await step.peerRows(of: JobSamples(Array(0..<6), epoch: 0), at: version).rows
        #expect(rows.samples == [0, 1, 3, 4, 5])
    }

    @Test("pairs with equal captions are no negatives, unless the recipe says so")
    func duplicates() async throws {
        let captions = ["a cat", "A  CAT", "a dog", "a horse"]
        func loss(_ setting: String) async throws -> Double {
            let fixture = try await SILCFixture(.sigmoid, captions: captions, "objective.mask_duplicates=\(setting)")
            let step = try fixture.step()
            let (_, report) = try await step.gradient(of: JobSamples(Array(0..<4), epoch: 0), at: fixture.weights(step))
            return try #require(report.terms.first { $0.name == "contrastive" }).sum
        }
        #expect(try await loss("true") < loss("false"))
    }

    @Test("version 0: the teacher is the student, the prototypes are held, and the schedule of the teacher is short")
    func plan() async throws {
        let fixture = try await SILCFixture(.sigmoid)
        let plan = fixture.plan
        #expect(plan.teacherPolicy == .movingAverage)
        #expect(plan.teacher.slices.allSatisfy { $0.path.hasPrefix("visual.") || plan.objective.isAuxiliary($0.path) })
        #expect(plan.teacherRanges.reduce(0) { $0 + $1.count } == plan.teacher.count)
        // 12 pairs an update, 100 updates: 3 % of 1,200 pairs.
        #expect(plan.heldRanges(afterSamples: 35).count == 1)
        #expect(plan.heldRanges(afterSamples: 36).isEmpty)
        let average = try #require(plan.teacherAverage)
        #expect(average.referenceMomentum == 0.8 && average.referenceBatch == 12)
        let bounds = try #require(plan.bounds.first)
        #expect(plan.bounds.count == 1 && bounds.places.count == 1)
        #expect(fixture.start[bounds.places.lowerBound] == Float(log(10.0)))
        #expect(bounds.range == 0...Float(log(100.0)))
    }
}
