import AggregatorRole
import Checkpoints
import Optimizers
import Postgres
import Stores
import TestSupport
import Testing
import Transfers

/// Student, teacher and centre are one version: published, made durable, lost and brought back together.
@Suite(.temporaryDatabase(.migrated)) struct MovingTeacherTests {
    /// The chain of a run that nothing happens to.
    private func calmChain(in database: Database) async throws -> [UInt8] {
        let calm = try await MovingRun("calm", in: database)
        try await calm.train(to: MovingRun.steps, by: calm.aggregation())
        return try await calm.version(MovingRun.steps).update.chainDigest
    }

    @Test("each version has the teacher that the published students give, and the centre with what people watch")
    func published() async throws {
        let database = try TemporaryDatabase.current.database()
        let moving = try await MovingRun("moving", in: database)
        try await moving.train(to: MovingRun.steps, by: moving.aggregation())
        var teacher = try await moving.flat(.teacher, at: 0, count: 6)
        var centres: Set<[Float]> = []
        for number in 1...MovingRun.steps {
            let student = try await moving.flat(.student, at: number, count: 10)
            let weight = MovingRun.average.weight(samples: 8)
            let expected = zip(teacher, MovingRun.followed.flatMap { student[$0] }).map { old, new -> Float in
                let distance = new - old
                let step = weight * distance
                return old + step
            }
            teacher = try await moving.flat(.teacher, at: number, count: 6)
            #expect(teacher == expected, "version \(number)")
            centres.insert(try await moving.flat(.centre, at: number, count: 2))
            let chunks = try await WeightStore(database).chunks(of: moving.version(number).id)
            #expect(try await VersionDigests.content(chunks).bytes == moving.version(number).update.contentDigest)
            #expect(1.2...1.3 ~= student[9])
            if number <= 2 { #expect(student[6..<9] == [0.5, 0.75, 1]) }
        }
        #expect(centres.count == MovingRun.steps)
        let metrics = try await MetricStore(database).list(of: moving.run.id)
        let last = metrics.filter { $0.number == MovingRun.steps }
        #expect(last.contains(Metric(number: MovingRun.steps, name: "teacher_logits", value: 16)))
        #expect(last.contains(Metric(number: MovingRun.steps, name: "entropy", value: 1)))
        #expect(last.contains { $0.name == "loss" && $0.value == 0.375 })
        try await moving.expectHonoured()
        await database.close()
    }

    @Test("aggregators that stop dead have successors that compute teacher and centre again, to the same bits")
    func replay() async throws {
        let database = try TemporaryDatabase.current.database()
        let calm = try await calmChain(in: database)
        let stormy = try await MovingRun("stormy", in: database)
        for number in [2, 3, 5] { try await stormy.train(to: number, by: stormy.aggregation()) }
        #expect(try await !stormy.version(5).isDurable)
        try await stormy.train(to: MovingRun.steps, by: stormy.aggregation())
        #expect(try await stormy.version(MovingRun.steps).update.chainDigest == calm)
        try await stormy.expectHonoured()
        await database.close()
    }

    @Test("a checkpoint holds teacher, centre and moments, logged, and training goes on from it")
    func checkpoint() async throws {
        let database = try TemporaryDatabase.current.database()
        let calm = try await calmChain(in: database)
        try await database.execute("UPDATE stillhouse.setting SET checkpoint_versions = 3")
        let stormy = try await MovingRun("stormy", in: database)
        try await stormy.train(to: 3, by: stormy.aggregation())
        // Its checkpoint may have been cut short; whoever comes next makes one soon.
        try await stormy.train(to: 4, by: stormy.aggregation())
        try await eventually("a checkpoint is written") {
            try await WeightStore(database).newestDurable(of: stormy.run.id)?.number ?? 0 >= 3
        }
        let durable = try #require(try await WeightStore(database).newestDurable(of: stormy.run.id))
        let chunks = try await WeightStore(database).chunks(of: durable.id)
        #expect(chunks.map(\.role) == [.student, .frozen, .moment1, .moment2, .teacher, .centre])
        for chunk in chunks {
            let logged = try await database.query(
                "SELECT FROM stillhouse.weights_chunk WHERE digest = \(chunk.digest)"
            )
            #expect(logged.count == 1, "\(chunk.role)")
        }
        try await stormy.train(to: MovingRun.steps, by: stormy.aggregation())
        #expect(try await stormy.version(MovingRun.steps).update.chainDigest == calm)
        try await stormy.expectHonoured()
        await database.close()
    }

    @Test("an aggregator that outlives a crash of the database brings back all of the head")
    func restore() async throws {
        let database = try TemporaryDatabase.current.database()
        let calm = try await calmChain(in: database)
        let stormy = try await MovingRun("stormy", in: database)
        let survivor = stormy.aggregation()
        try await stormy.train(to: 3, by: survivor)
        let (teacher, centre) = (
            try await stormy.flat(.teacher, at: 3, count: 6), try await stormy.flat(.centre, at: 3, count: 2)
        )
        try await stormy.crash()
        #expect(try await RunStore(database).head(of: stormy.run.id)?.restoringSince != nil)
        try await stormy.train(to: 4, by: survivor)
        #expect(try await stormy.version(3).isDurable)
        #expect(try await stormy.flat(.teacher, at: 3, count: 6) == teacher)
        #expect(try await stormy.flat(.centre, at: 3, count: 2) == centre)
        try await stormy.train(to: MovingRun.steps, by: stormy.aggregation())
        #expect(try await stormy.version(MovingRun.steps).update.chainDigest == calm)
        try await stormy.expectHonoured()
        await database.close()
    }

    @Test("a run that goes back has the teacher and the centre of that version, and comes out the same")
    func rewind() async throws {
        let database = try TemporaryDatabase.current.database()
        let calm = try await calmChain(in: database)
        let stormy = try await MovingRun("stormy", in: database)
        try await stormy.train(to: 4, by: stormy.aggregation())
        try await stormy.crash()
        let coordinator = try await Term.held(.coordinator, in: database)
        let rewind = try await RecoveryStore(database).rewind(stormy.run.id, reason: "test", under: coordinator)
        #expect(rewind?.to == 0)
        try await stormy.train(to: MovingRun.steps, by: stormy.aggregation())
        #expect(try await stormy.version(MovingRun.steps).update.chainDigest == calm)
        try await stormy.expectHonoured()
        await database.close()
    }

    @Test("statistics that are no numbers are refused, and the job is done again")
    func nonFiniteStatistics() async throws {
        let database = try TemporaryDatabase.current.database()
        let calm = try await calmChain(in: database)
        let stormy = try await MovingRun("stormy", in: database)
        var isDone = false
        try await stormy.train(to: MovingRun.steps, by: stormy.aggregation()) { job in
            var payload = MovingRun.payload(job)
            if job.step == 1 && job.ordinal == 1 && !isDone {
                (payload[11], isDone) = (.nan, true)
            }
            return payload
        }
        #expect(isDone)
        let job = try #require(
            try await GradientStore(database).members(of: stormy.version(2).id).first { $0.ordinal == 1 }?.job
        )
        let rejections = try await GradientStore(database).rejections(of: job)
        #expect(rejections.count == 1)
        #expect(rejections.allSatisfy { $0.reason.hasPrefix("nonfinite") })
        #expect(try await stormy.version(MovingRun.steps).update.chainDigest == calm)
        await database.close()
    }

    @Test("an update without units is a version of the very same chunks")
    func withoutUnits() async throws {
        let database = try TemporaryDatabase.current.database()
        let idle = try await MovingRun("idle", in: database)
        try await idle.train(to: 3, by: idle.aggregation()) { job in
            guard job.step == 1 else { return MovingRun.payload(job) }
            // Statistics of samples that had nothing to learn from: they move nothing.
            return [Float](repeating: 0, count: 10) + [3, 3, 8]
        }
        let store = WeightStore(database)
        let (before, after) = (try await idle.version(1), try await idle.version(2))
        #expect(try await store.chunks(of: before.id) == store.chunks(of: after.id))
        #expect(before.update.contentDigest == after.update.contentDigest)
        #expect(try await store.chunks(of: idle.version(3).id) != store.chunks(of: after.id))
        await database.close()
    }
}
