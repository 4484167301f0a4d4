import AggregatorRole
import Foundation
import Objectives
import Optimizers
import Tensors
import Testing

/// What one update does to student, moments, teacher and centre.
@Suite struct OptimizerStateTests {
    /// Six numbers in three slices of two; the teacher follows the last and the first.
    private static let start: [Float] = [1, -2, 3, -4, 5, -6]
    private static let average = ExponentialMovingAverage(referenceMomentum: 0.966, referenceBatch: 8)
    private let backend = CPUBackend(threadCount: 1)

    private func rule(
        clipping: GradientClipping? = nil,
        heldRanges: @escaping @Sendable (Int) -> [Range<Int>] = { _ in [] },
        bounds: [UpdateRule.Bound] = [],
        penalty: UpdateRule.Penalized? = nil,
        followed: [Range<Int>]? = nil,
        statisticCount: Int = 0,
        conclude: @escaping @Sendable (UpdateSummary, inout [Float]) -> [String: Double] = { _, _ in [:] }
    ) -> UpdateRule {
        UpdateRule(
            parameterCount: Self.start.count,
            optimizer: AdamW(),
            settings: [0..<2, 2..<4, 4..<6].map { SliceSettings(range: $0, weightDecay: 0.1) },
            clipping: clipping,
            learningRate: { 0.1 / Double(1 + $0) },
            heldRanges: heldRanges,
            bounds: bounds,
            penalty: penalty,
            teacher: followed.map { UpdateRule.Teacher(average: Self.average, ranges: $0) },
            statisticCount: statisticCount,
            samplesPerUpdate: 8,
            conclude: conclude
        )
    }

    private func state(
        _ rule: UpdateRule,
        from vectors: VersionVectors = VersionVectors(student: start),
        updates: Int = 0,
        samples: Int = 0
    ) -> OptimizerState {
        OptimizerState(vectors, updateCount: updates, sampleCount: samples, rule: rule, backend: backend)
    }

    /// Moves a centre by the mean of its statistics, of which the last is the count.
    @Sendable private static func centre(_ update: UpdateSummary, _ centre: inout [Float]) -> [String: Double] {
        guard let count = update.statistics.last, count > 0 else { return ["count": 0] }
        for index in centre.indices { centre[index] += 0.1 * (update.statistics[index] / count - centre[index]) }
        return ["count": Double(count), "share": Double(update.samples) / Double(update.samplesPerUpdate)]
    }

    /// Sums 6 of three images and 2 of one, and a term whose gradient is 0.5: the worked example of one component.
    @Test("a term that no sample decides is added once to the mean, however the samples are cut into jobs")
    func penalty() async {
        let penalty: UpdateRule.Penalized = (
            places: 2..<4, term: { Penalty(gradient: $0.map { _ in 0.5 }, metrics: ["apart": Double($0[0])]) }
        )
        func update(_ sums: [Float], units: Int, _ penalty: UpdateRule.Penalized?) async -> OptimizerState.Outcome {
            let state = state(rule(penalty: penalty))
            for sum in sums { await state.add([0, 0, sum, 0, 0, 0]) }
            return await state.apply(units: units, samples: units)
        }
        // 8/4 + 0.5 in one place, 0.5 in the other.
        let expected = (2.5 * 2.5 + 0.5 * 0.5).squareRoot()
        for sums in [[6, 2], [8], [2, 6]] as [[Float]] {
            let outcome = await update(sums, units: 4, penalty)
            #expect(abs(outcome.gradientNorm - expected) < 1e-6)
            // Of the version that the update starts from.
            #expect(outcome.metrics["apart"] == Double(Self.start[2]))
        }
        // The second job is lost.
        #expect(await abs(update([6], units: 3, penalty).gradientNorm - expected) < 1e-6)
        #expect(await abs(update([6, 2], units: 4, nil).gradientNorm - 2) < 1e-6)
        // What has no samples is no update.
        let nothing = await update([], units: 0, penalty)
        #expect(nothing.gradientNorm == 0 && nothing.metrics.isEmpty)
    }

    @Test("a penalty that is no number is never published")
    func brokenPenalty() async {
        let state = state(rule(penalty: (places: 0..<1, term: { _ in Penalty(gradient: [.nan]) })))
        await state.add([1, 1, 1, 1, 1, 1])
        #expect(await !state.apply(units: 1, samples: 1).isFinite)
    }

    @Test("the teacher follows the new student in its own order, by the samples that were applied")
    func teacherFollows() async {
        let vectors = VersionVectors(student: Self.start, teacher: [9, 8, 7, 6])
        let state = state(rule(followed: [4..<6, 0..<2]), from: vectors)
        await state.add([1, 2, 3, 4, 5, 6])
        let outcome = await state.apply(units: 2, samples: 6)
        #expect(outcome.isFinite && outcome.gradientNorm > 0)
        let new = await state.published
        #expect(zip(new.student, Self.start).allSatisfy { $0 != $1 })
        // As a reader of the published versions computes it again, without fused multiplication.
        let weight = Float(-expm1(log(0.966) * 6 / 8))
        let followed = [new.student[4], new.student[5], new.student[0], new.student[1]]
        let expected = zip(vectors.teacher, followed).map { old, value -> Float in
            let distance = value - old
            let step = weight * distance
            return old + step
        }
        #expect(new.teacher == expected)
    }

    @Test("neighbouring slices are followed as one, and a single slice too")
    func neighbours() async {
        for (ranges, count) in [([0..<2, 2..<4, 4..<6], 6), ([2..<4], 2)] {
            let state = state(
                rule(followed: ranges),
                from: VersionVectors(student: Self.start, teacher: [Float](repeating: 0, count: count))
            )
            await state.add([1, 1, 1, 1, 1, 1])
            _ = await state.apply(units: 1, samples: 8)
            let new = await state.published
            let weight = Self.average.weight(samples: 8)
            #expect(new.teacher == new.student[ranges[0].lowerBound..<ranges[0].lowerBound + count].map { weight * $0 })
        }
    }

    @Test("neither teacher nor centre, nor what is counted for them, changes a bit of the student")
    func studentAlone() async {
        let alone = state(rule(clipping: GradientClipping(maximumNorm: 0.5)))
        let accompanied = state(
            rule(
                clipping: GradientClipping(maximumNorm: 0.5),
                followed: [2..<6],
                statisticCount: 3,
                conclude: Self.centre
            ),
            from: VersionVectors(student: Self.start, teacher: [1, 1, 1, 1], centre: [0, 0])
        )
        let gradient: [Float] = [0.3, -1.5, 2.25, 4.125, -0.7, 1e-3]
        for _ in 0..<3 {
            await alone.add(gradient)
            await accompanied.add(gradient + [100, -100, 4])
            #expect(await alone.norm(of: gradient) == accompanied.norm(of: gradient + [100, -100, 4]))
            let (one, other) = (
                await alone.apply(units: 3, samples: 8), await accompanied.apply(units: 3, samples: 8)
            )
            #expect(one.gradientNorm == other.gradientNorm)
        }
        let (one, other) = (await alone.durable, await accompanied.durable)
        #expect(one.student == other.student && one.moments == other.moments)
        #expect(one.teacher.isEmpty && one.centre.isEmpty)
    }

    @Test("held slices keep weights and moments, and count neither for the norm nor for the clip")
    func held() async throws {
        let holding = rule(clipping: GradientClipping(maximumNorm: 1), heldRanges: { $0 < 8 ? [2..<4] : [] })
        let state = state(holding)
        // Without the held slice the norm is 5 over 2 units; with it, it would be thousands.
        await state.add([3, 0, 4000, -4000, 4, 0])
        let outcome = await state.apply(units: 2, samples: 8)
        #expect(outcome.gradientNorm == 2.5)
        let first = await state.durable
        let moments = try #require(first.moments)
        #expect(first.student[2...3] == [3, -4])
        #expect(moments.first[2...3] == [0, 0] && moments.second[2...3] == [0, 0])
        #expect(first.student[0] != 1 && moments.first[0] != 0)
        // Decay alone moves them once they are let go.
        await state.add([0, 0, 1, 1, 0, 0])
        _ = await state.apply(units: 1, samples: 8)
        #expect(await state.published.student[2] != 3)
    }

    @Test("what leaves its bounds ends at their edge, and the teacher follows it there")
    func bounds() async {
        let vectors = VersionVectors(student: Self.start, teacher: [1, -2])
        let state = state(rule(bounds: [(1..<2, -2.01 ... -1.99)], followed: [0..<2]), from: vectors)
        await state.add([1, 1, 1, 1, 1, 1])
        _ = await state.apply(units: 1, samples: 8)
        let new = await state.published
        #expect(new.student[1] == -2.01)
        let distance = Float(-2.01) - Float(-2)
        let step = Self.average.weight(samples: 8) * distance
        #expect(new.teacher[1] == -2 + step)
        // Adam's first step is the learning rate, whatever the gradient; the neighbours are not brought back.
        #expect(abs(new.student[0] - 0.89) < 1e-4)
    }

    @Test("statistics are added up in order, unscaled, and move the centre once an update")
    func statistics() async {
        let rule = rule(statisticCount: 3, conclude: Self.centre)
        let state = state(rule, from: VersionVectors(student: Self.start, centre: [0, 1]))
        let zeros = [Float](repeating: 0, count: 6)
        await state.add(zeros + [1, 2, 2])
        // Clipping is about the gradient's size; the samples were what they were.
        await state.add(zeros + [3, 4, 2], scale: 0.25)
        let outcome = await state.apply(units: 2, samples: 4)
        #expect(outcome.metrics == ["count": 4, "share": 0.5])
        let expected: [Float] = [Float(0) + 0.1 * (4 / 4 - 0), Float(1) + 0.1 * (6 / 4 - 1)]
        #expect(await state.published.centre == expected)
        // The next sum begins at zero.
        await state.add(zeros + [0, 0, 1])
        #expect(await state.apply(units: 1, samples: 4).metrics["count"] == 1)
    }

    @Test("an update without units moves nothing at all")
    func withoutUnits() async {
        let rule = rule(followed: [0..<6], statisticCount: 3, conclude: Self.centre)
        let vectors = VersionVectors(
            student: Self.start,
            teacher: [0, 0, 0, 0, 0, 0],
            centre: [0, 1],
            moments: .init(first: [1, 1, 1, 1, 1, 1], second: [2, 2, 2, 2, 2, 2])
        )
        let state = state(rule, from: vectors, updates: 1, samples: 8)
        await state.add([0, 0, 0, 0, 0, 0, 5, 5, 1])
        let outcome = await state.apply(units: 0, samples: 3)
        #expect(outcome.isFinite && outcome.metrics.isEmpty)
        #expect(await state.durable == vectors)
    }

    @Test("a number that is none, wherever in a payload, makes its norm none")
    func nonFinitePayload() async {
        let state = state(rule(statisticCount: 2))
        #expect(await state.norm(of: [3, 0, 0, 0, 4, 0, 1e30, -1e30]) == 5)
        for place in 0..<8 {
            for bad in [Float.nan, .infinity] {
                var payload = [Float](repeating: 1, count: 8)
                payload[place] = bad
                #expect(await !state.norm(of: payload).isFinite)
            }
        }
    }

    @Test("a teacher or a centre that is no number is no version")
    func nonFiniteOutcome() async {
        let broken = rule(statisticCount: 1) { _, centre in
            centre[0] = .nan
            return [:]
        }
        let state = state(broken, from: VersionVectors(student: Self.start, centre: [0]))
        await state.add([1, 1, 1, 1, 1, 1, 1])
        #expect(await !state.apply(units: 1, samples: 8).isFinite)

        let away = self.state(
            rule(followed: [0..<1]),
            from: VersionVectors(student: Self.start, teacher: [-.infinity])
        )
        await away.add([1, 1, 1, 1, 1, 1])
        #expect(await !away.apply(units: 1, samples: 8).isFinite)
    }

    @Test("whoever goes on from a durable version ends in the same bits")
    func goingOn() async {
        let rule = rule(
            clipping: GradientClipping(maximumNorm: 0.1),
            heldRanges: { $0 < 10 ? [4..<6] : [] },
            bounds: [(0..<1, 0.95...1.05)],
            followed: [2..<6],
            statisticCount: 3,
            conclude: Self.centre
        )
        let vectors = VersionVectors(student: Self.start, teacher: [3, -4, 5, -6], centre: [0, 0])
        let undisturbed = state(rule, from: vectors)
        var resumed = state(rule, from: vectors)
        for update in 0..<4 {
            let payload = (0..<9).map { Float($0 * 7 % 5) + Float(update) * 0.3 + 0.1 }
            await undisturbed.add(payload)
            _ = await undisturbed.apply(units: 2, samples: 5)
            resumed = state(rule, from: await resumed.durable, updates: update, samples: 5 * update)
            await resumed.add(payload)
            _ = await resumed.apply(units: 2, samples: 5)
        }
        #expect(await undisturbed.durable == resumed.durable)
        #expect(await undisturbed.published.teacher != [3, -4, 5, -6])
    }
}
