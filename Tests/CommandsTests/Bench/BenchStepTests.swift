import Commands
import Datasets
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@Suite("bench step") struct BenchStepTests {
    private let recipe: Recipe

    init() throws {
        recipe = try RecipeLoader().load(
            "clipself-tiny",
            settings: [
                "model=stillhouse-tiny", "objective.student_size=64", "objective.unlocked_groups=1",
                "data.root=\(CommandLine.sample("training"))",
                "data.annotations=\(CommandLine.sample("training.json"))",
            ]
        )
    }

    private func measurement(rounds: Int = 2) async throws -> StepMeasurement {
        let dataset = try await recipe.data.open().dataset
        return try await StepBenchmark(recipe, dataset: dataset, pictures: 3, on: CPUBackend(threadCount: 2))
            .measure(rounds: rounds, peakBytes: 1 << 16)
    }

    @Test("real pictures pass through phases that add up to no more than the step, and kernels to no more than it")
    func phases() async throws {
        let found = try await measurement(rounds: 1)
        #expect(found.pictures == 3)
        #expect(found.units >= 3)
        #expect(
            found.phases.map(\.name)
                == ["decode", "prepare", "teacher", "forward", "backward", "encode", "other"]
        )
        // In one round the median is the measurement itself.
        let sum = found.phases.reduce(0) { $0 + $1.seconds.median }
        #expect(sum <= found.seconds.median * 1.000_001)
        #expect(found.phases.dropLast().allSatisfy { $0.seconds.lowest > 0 })
        #expect(found.kernels.reduce(0) { $0 + $1.seconds.median } <= found.seconds.median)
        #expect((0.0...1.0).contains(found.productAndAttentionShare))
        #expect(found.leftOut == ["push", "wait"])
        #expect(found.peakResidentBytes > 1 << 20)
    }

    @Test("each round computes the same job, so counts do not depend on how many there are")
    func rounds() async throws {
        let (one, three) = (try await measurement(rounds: 1), try await measurement(rounds: 3))
        #expect(three.seconds.count == 3)
        #expect((one.operations, one.units, one.gradientBytes) == (three.operations, three.units, three.gradientBytes))
        func calls(_ found: StepMeasurement) -> [Primitive: Int] {
            Dictionary(uniqueKeysWithValues: found.kernels.map { ($0.primitive, $0.calls) })
        }
        #expect(calls(one) == calls(three))
        // A picture at a time: the teacher's two blocks, and the student's first; its last mixes nothing.
        #expect(calls(one)[.attention] == 9)
        #expect(calls(one)[.attentionVJP] == nil)
    }

    @Test("a measurement has every documented field, and reads back as it was")
    func fields() async throws {
        let found = try await measurement()
        #expect(try Benchmark.decoded(found) == found)
        let fields = try Benchmark.fields(of: found)
        #expect(
            Set(fields.keys) == [
                "machine", "peak", "recipe", "model", "rounds", "pictures", "units", "seconds", "pictures_per_second",
                "operations", "operations_per_second", "share_of_peak", "floor_seconds", "ratio_to_floor",
                "product_and_attention_share", "peak_resident_bytes", "gradient_bytes", "phases", "kernels", "left_out",
            ]
        )
        #expect(Set(try Benchmark.first("phases", of: fields).keys) == ["name", "seconds", "share"])
        #expect(
            Set(try Benchmark.first("kernels", of: fields).keys) == [
                "primitive", "calls", "seconds", "share", "operations", "bytes", "operations_per_second",
                "bytes_per_second", "floor_seconds", "ratio_to_floor",
            ]
        )
        for word in ["decode", "attention", "push, wait", "of peak", "resident"] { #expect(found.text.contains(word)) }
    }

    @Test("a folder of pictures on the command line needs no annotations in patches mode")
    func folder() async throws {
        try await CommandLine.run([
            "bench", "step", "--recipe", "clipself-tiny", "--set", "model=stillhouse-tiny",
            "--set", "objective.student_size=64", "--set", "objective.unlocked_groups=2",
            "--images", CommandLine.sample("held-out"), "--pictures", "1", "--rounds", "1", "--json",
        ])
    }

    @Test("more pictures than there are is an error that says how many there are")
    func tooMany() async throws {
        let dataset = try await recipe.data.open().dataset
        let error = #expect(throws: CommandFailure.self) {
            _ = try StepBenchmark(recipe, dataset: dataset, pictures: 4000, on: CPUBackend(threadCount: 1))
        }
        #expect(error?.description.contains("\(dataset.count)") == true)
    }

    @Test("a recipe and fixed work exclude each other")
    func refusals() {
        let both = CommandLine.refusal("bench", "step", "--work", "adamw", "--recipe", "clipself-tiny")
        #expect(both.contains("--work adamw has its own pictures"))
        #expect(CommandLine.refusal("bench", "step", "--on-request").contains("belong to --work"))
        #expect(CommandLine.refusal("bench", "step", "--model", "ViT-B-16").contains("--set model=NAME"))
        #expect(CommandLine.refusal("bench", "step", "--pictures", "0").contains("--pictures is 0"))
        #expect(CommandLine.refusal("bench", "step", "--work", "sleep").contains("tower-training"))
    }
}
