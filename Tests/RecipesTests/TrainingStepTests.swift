import Foundation
import Layers
import Objectives
import Optimizers
import Recipes
import Tensors
import Testing

@Suite("Training step")
struct TrainingStepTests {
    @Test(
        "the gradient of one process is that of 1, 3 and 7 jobs, uneven, one of them empty",
        arguments: [[14], [1, 8, 5], [1, 3, 0, 2, 1, 6, 1]]
    )
    func jobs(sizes: [Int]) async throws {
        let fixture = try await TrainingFixture()
        let step = try fixture.step()
        let whole = try await step(epoch: 3, positions: 0..<14, student: fixture.student)
        var sum = [Float](repeating: 0, count: whole.gradient.count)
        var (units, samples, loss, first) = (0, 0, 0.0, 0)
        for size in sizes {
            let job = try await step(epoch: 3, positions: first..<first + size, student: fixture.student)
            for index in sum.indices { sum[index] += job.gradient[index] }
            units += job.report.units
            samples += job.report.samples
            loss += job.report.loss
            first += size
        }
        let relative = relativeL2(sum, whole.gradient)
        print("\(sizes.count) jobs: relative L2 \(relative)")
        #expect(relative < 2e-6)
        #expect(units == whole.report.units && samples == whole.report.samples)
        #expect(abs(loss - whole.report.loss) < 1e-4)
    }

    @Test("student pictures and crops may share graphs in any number")
    func microBatches() async throws {
        let single = try await TrainingFixture()
        let batched = try await TrainingFixture("objective.student_batch=5", "objective.teacher_batch=7")
        let one = try await single.step()(epoch: 0, positions: 0..<14, student: single.student)
        let many = try await batched.step()(epoch: 0, positions: 0..<14, student: single.student)
        #expect(relativeL2(many.gradient, one.gradient) < 2e-6)
        #expect(many.report.units == one.report.units)
    }

    @Test("a job done twice, after other jobs and with other threads, gives the same bits")
    func determinism() async throws {
        let fixture = try await TrainingFixture()
        let step = try fixture.step()
        let first = try await step(epoch: 1, positions: 2..<6, student: fixture.student)
        _ = try await step(epoch: 0, positions: 0..<3, student: fixture.start)
        let again = try await step(epoch: 1, positions: 2..<6, student: fixture.student)
        #expect(first.gradient.map(\.bitPattern) == again.gradient.map(\.bitPattern))
        #expect(first.report == again.report)

        let threaded = try fixture.step(on: CPUBackend(threadCount: 2))
        let elsewhere = try await threaded(epoch: 1, positions: 2..<6, student: fixture.student)
        #expect(first.gradient.map(\.bitPattern) == elsewhere.gradient.map(\.bitPattern))
    }

    @Test("positions stand for the samples of the epoch's order, and another epoch draws other regions")
    func epochs() async throws {
        let fixture = try await TrainingFixture()
        let step = try fixture.step()
        let order = try await step(epoch: 0, positions: 0..<14, student: fixture.student)
        let later = try await step(epoch: 1, positions: 0..<14, student: fixture.student)
        #expect(order.report.units != later.report.units || order.report.loss != later.report.loss)
        await #expect(throws: TrainingError.positionsOutsideEpoch(10..<15, count: 14)) {
            try await step(epoch: 0, positions: 10..<15, student: fixture.student)
        }
    }

    @Test("a sample that cannot be decoded is reported and passed over; alone it makes a legal, empty result")
    func badSample() async throws {
        let fixture = try await TrainingFixture()
        let step = try fixture.step()
        let whole = try await step(epoch: 0, positions: 0..<14, student: fixture.student)
        #expect(whole.report.samples == 13)
        #expect(whole.report.badSamples.map(\.key) == [TrainingFixture.brokenKey])
        #expect(whole.report.badSamples.map(\.code) == ["truncated"])

        let alone = try await step.gradient(of: [5], epoch: 0, student: fixture.student)
        #expect((alone.report.samples, alone.report.units, alone.report.norm) == (0, 0, 0))
        #expect(alone.report.meanLoss == nil)
        #expect(alone.gradient.allSatisfy { $0 == 0 })

        let others = try await step.gradient(of: (0..<14).filter { $0 != 5 }, epoch: 0, student: fixture.student)
        #expect(others.report.units == whole.report.units)
        #expect(relativeL2(others.gradient, whole.gradient) < 2e-6)
    }

    @Test("an excluded sample is left out unseen, and the others give the bits that they give beside a broken one")
    func excluded() async throws {
        for batch in [1, 4] {
            let fixture = try await TrainingFixture("objective.student_batch=\(batch)")
            let step = try fixture.step()
            let beside = try await step(epoch: 0, positions: 0..<14, student: fixture.student)
            let without = try await step(epoch: 0, positions: 0..<14, student: fixture.student, excluding: [5])
            #expect(beside.gradient.map(\.bitPattern) == without.gradient.map(\.bitPattern))
            #expect(beside.report.badSamples.count == 1 && without.report.badSamples.isEmpty)
            var report = beside.report
            report.badSamples = []
            #expect(report == without.report)
            let fewer = try await step(epoch: 0, positions: 0..<14, student: fixture.student, excluding: [5, 7])
            #expect(fewer.report.samples == 12)
        }
    }

    @Test("the report's norm is that of the mean gradient, and its loss the sum over boxes")
    func report() async throws {
        let fixture = try await TrainingFixture()
        let (gradient, report) = try await fixture.step()(epoch: 0, positions: 0..<4, student: fixture.student)
        let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() / Double(report.units)
        #expect(abs(report.norm - norm) < 1e-9 * norm)
        let expected = [LossTerm(name: "cosine_distance", sum: report.loss, count: report.units)]
        #expect(report.terms == expected)
        #expect(report.loss > 0 && report.loss < 2 * Double(report.units))
    }

    @Test("the report tells the time of each phase, and equal reports may differ in it")
    func phases() async throws {
        let fixture = try await TrainingFixture()
        let step = try fixture.step()
        let (_, report) = try await step(epoch: 0, positions: 0..<2, student: fixture.student)
        for phase in StepPhase.allCases { #expect(report.phases[phase] > 0, "\(phase)") }
        let (_, again) = try await step(epoch: 0, positions: 0..<2, student: fixture.student)
        #expect(report == again && report.phases != again.phases)
        #expect(abs((report.phases + again.phases).total - report.phases.total - again.phases.total) < 1e-9)
        let copy = try JSONDecoder().decode(StepReport.self, from: JSONEncoder().encode(report))
        #expect(copy.phases == report.phases)
    }

    @Test("weights that are no numbers yield an error with the sample, never a gradient")
    func nonFinite() async throws {
        let fixture = try await TrainingFixture()
        var student = fixture.student
        student[7] = .nan
        await #expect(throws: TrainingError.nonFinite(samples: [3])) {
            try await fixture.step().gradient(of: [3, 4], epoch: 0, student: student)
        }
    }

    @Test("with nothing unlocked there is a loss and an empty gradient")
    func nothingTrains() async throws {
        let fixture = try await TrainingFixture("objective.unlocked_groups=0")
        let (gradient, report) = try await fixture.step()(epoch: 0, positions: 0..<2, student: [])
        #expect(gradient.isEmpty && report.units > 0 && report.norm == 0)
    }

    @Test("vectors of another length are refused")
    func lengths() async throws {
        let fixture = try await TrainingFixture()
        let count = fixture.start.count
        await #expect(throws: TrainingError.wrongLength(vector: "student", expected: count, found: 3)) {
            try await fixture.step().gradient(of: [0], epoch: 0, student: [1, 2, 3])
        }
        #expect(throws: TrainingError.wrongLength(vector: "teacher", expected: count, found: 1)) {
            try fixture.step(teacher: [1])
        }
    }

    @Test("ten updates lower the loss and leave every frozen bit alone, the last block's query and key rows too")
    func tenUpdates() async throws {
        let fixture = try await TrainingFixture("objective.unlocked_groups=2", "schedule.learning_rate=1e-3")
        let backend = fixture.backend
        let step = try fixture.step()
        let shape: Shape = [fixture.start.count]
        var part = AdamW.Part(
            weights: Tensor(fixture.start, shape, on: backend).value,
            moment1: Tensor.zeros(shape, on: backend).value,
            moment2: Tensor.zeros(shape, on: backend).value
        )
        var losses: [Double] = []
        for update in 0..<10 {
            let weights = Tensor(part.weights).floats
            let (gradient, report) = try await step(epoch: 0, positions: 0..<6, student: weights)
            losses.append(try #require(report.meanLoss))
            let mean = gradient.map { $0 / Float(report.units) }
            fixture.plan.optimizer.update(
                &part,
                gradient: Tensor(mean, shape, on: backend).value,
                step: update + 1,
                learningRate: 1e-3,
                settings: fixture.plan.settings
            )
        }
        #expect(losses[9] < 0.7 * losses[0], "\(losses)")

        let weights = Tensor(part.weights).floats
        #expect(weights != fixture.start)
        let tree = try fixture.plan.tree(student: weights, over: fixture.base, on: backend)
        let before = try fixture.plan.frozen.flattened(fixture.base).map(\.bitPattern)
        let after = try fixture.plan.frozen.flattened(tree).map(\.bitPattern)
        #expect(before == after)
        let fused = "visual.transformer.resblocks.1.attn.in_proj_weight"
        #expect(fixture.plan.frozen.slices.contains { $0.path == fused && $0.rows == 0..<128 })
    }

    /// ‖a − b‖ / ‖b‖ in fp64.
    private func relativeL2(_ found: [Float], _ expected: [Float]) -> Double {
        let squares = zip(found, expected).reduce(into: (0.0, 0.0)) { sums, pair in
            let (a, b) = (Double(pair.0), Double(pair.1))
            sums.0 += (a - b) * (a - b)
            sums.1 += b * b
        }
        return (squares.0 / squares.1).squareRoot()
    }
}
