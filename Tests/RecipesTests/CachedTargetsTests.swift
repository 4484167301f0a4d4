import Checkpoints
import Foundation
import Objectives
import Recipes
import Tensors
import Testing

@Suite("Cached targets")
struct CachedTargetsTests {
    private func run(
        _ fixture: TrainingFixture,
        _ cache: TargetDictionary?,
        teacher: [Float]? = nil,
        threads: Int = 1
    ) async throws -> (gradient: [UInt32], report: StepReport) {
        let step = try fixture.step(teacher: teacher, targets: cache, on: CPUBackend(threadCount: threads))
        let (gradient, report) = try await step(epoch: 0, positions: 0..<14, student: fixture.student)
        return (gradient.map(\.bitPattern), report)
    }

    @Test(
        "found, computed and mixed targets give the same bits, in passes of any size, on any number of threads",
        arguments: [(1, 20), (4, 20), (2, 3), (1, 1)]
    )
    func sameBits(studentBatch: Int, teacherBatch: Int) async throws {
        let fixture = try await TrainingFixture(
            "objective.cache_targets=on",
            "objective.student_batch=\(studentBatch)",
            "objective.teacher_batch=\(teacherBatch)"
        )
        let without = try await run(fixture, nil)
        #expect(without.report.targets == TargetTally(found: 0, computed: without.report.units))
        let cache = TargetDictionary()
        let cold = try await run(fixture, cache)
        #expect(cold.gradient == without.gradient && cold.report == without.report)
        #expect(cold.report.targets.found == 0)

        let warm = try await run(fixture, cache, threads: 2)
        #expect(warm.gradient == without.gradient && warm.report == without.report)
        #expect(warm.report.targets == TargetTally(found: warm.report.units, computed: 0))

        for part in 2...4 {
            let some = cache.all.filter { $0.key.digest.bytes[0] % UInt8(part) == 0 }
            let mixed = try await run(fixture, TargetDictionary(some))
            #expect(mixed.gradient == without.gradient && mixed.report == without.report, "every \(part)th is known")
            #expect(mixed.report.targets.found > 0 && mixed.report.targets.computed > 0)
        }
    }

    @Test("rounding changes the loss of each region by less than 2⁻¹¹, and nothing where targets are not kept")
    func rounding() async throws {
        let fixture = try await TrainingFixture("objective.cache_targets=on")
        let plain = try await TrainingFixture("objective.cache_targets=off")
        let auto = try await TrainingFixture("objective.cache_targets=auto")
        let exact = try await run(plain, TargetDictionary())
        #expect(try await run(auto, TargetDictionary()).gradient == exact.gradient, "patches mode")
        let rounded = try await run(fixture, nil)
        #expect(rounded.gradient != exact.gradient)
        #expect(rounded.report.units == exact.report.units)
        let change = abs(rounded.report.loss - exact.report.loss) / Double(exact.report.units)
        let norms = (exact.report.norm, rounded.report.norm)
        print("rounded targets: loss per region \(change), norms of the gradient \(norms)")
        #expect(change <= 0x1p-11)
    }

    @Test("every teacher, frozen numbers included, has targets of its own, and every rule")
    func scopes() async throws {
        let settings = ["objective.cache_targets=on", "objective.unlocked_groups=1"]
        let fixture = try await TrainingFixture(settings[0], settings[1])
        let cache = TargetDictionary()
        let first = try await run(fixture, cache)
        var teacher = fixture.start
        teacher[3] = teacher[3].nextUp
        #expect(try await run(fixture, cache, teacher: teacher).report.targets.found == 0)

        // The same model cut otherwise into trained and frozen has the same teacher, and finds its targets.
        let other = try await TrainingFixture(settings[0], "objective.unlocked_groups=4", in: fixture.folder)
        #expect(try await run(other, cache).report.targets == TargetTally(found: first.report.units, computed: 0))

        let frozen = try await TrainingFixture(settings[0], settings[1], in: fixture.folder, seed: 6)
        #expect(try await run(frozen, cache).report.targets.found == 0)
    }

    @Test("a teacher that is no number fails as before, and nothing of it is kept")
    func noNumber() async throws {
        let fixture = try await TrainingFixture("objective.cache_targets=on")
        var teacher = fixture.start
        teacher[teacher.count - 1] = .nan
        let cache = TargetDictionary()
        await #expect(throws: TrainingError.self) { try await run(fixture, cache, teacher: teacher) }
        #expect(cache.all.isEmpty)
    }

    @Test("a picture whose file changes, or which another sample has too, is known by its bytes")
    func pictures() async throws {
        let fixture = try await TrainingFixture("objective.cache_targets=on")
        let cache = TargetDictionary()
        let all = try await run(fixture, cache)
        #expect(cache.all.count <= all.report.units)
        let step = try fixture.step(targets: cache)
        // Another epoch draws other cells, some of them the same.
        let (_, later) = try await step(epoch: 1, positions: 0..<14, student: fixture.student)
        #expect(later.targets.found < later.units && later.targets.computed > 0)
    }

    @Test("a recipe that was stored before there was a choice keeps its form and its fingerprint, and rounds nothing")
    func oldRecipes() throws {
        let recipe = try RecipeLoader().load("clipself-openai-vit-b-16-proposals-batch16")
        let json = try recipe.canonicalJSON()
        let old = json.replacingOccurrences(of: "\"cache_targets\":\"auto\",", with: "")
        #expect(old != json)
        let read = try Recipe(json: old)
        #expect(try read.canonicalJSON() == old)
        #expect(try RecipeFingerprint(of: read) != RecipeFingerprint(of: recipe))
        guard case .clipSelf(let configuration) = read.objective else {
            Issue.record("the recipe is CLIPSelf's")
            return
        }
        #expect(configuration.cacheTargets == nil && !configuration.keepsTargets)
    }
}
