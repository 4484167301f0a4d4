import Foundation
import Layers
import Models
import Objectives
import Tensors
import TestSupport
import Testing

@Suite struct SILCTests {
    private static let json = """
        {"embed_dim": 4, "init_logit_bias": -10,
         "vision_cfg": {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 1},
         "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1}}
        """

    private func model(_ json: String = json) throws -> ModelConfiguration { try ModelConfiguration(json: json.utf8) }

    /// Settings that suit the model.
    private var configuration: SILC.Configuration {
        var views = ViewSettings()
        (views.global.size, views.local.size) = (32, 16)
        return SILC.Configuration(prototypes: 3, headHidden: 4, headBottleneck: 2, views: views)
    }

    private func objective(_ change: (inout SILC.Configuration) -> Void = { _ in }) throws -> SILC {
        var configuration = configuration
        change(&configuration)
        return try SILC(configuration, model: model(), contrastiveBatch: 128)
    }

    private func summary(_ sums: [Float], rows: Float, samples: Int, of batch: Int) -> UpdateSummary {
        // Cosines, distributions (uniform here), embeddings, and the two counts.
        let statistics = sums + Array(repeating: rows / 3, count: 3) + [rows / 2, 0, 0, 0] + [rows, rows / 2]
        return UpdateSummary(statistics: statistics, samples: samples, samplesPerUpdate: batch, terms: [])
    }

    @Test("the centre moves towards the mean of all jobs' cosines, by the share of a full update")
    func centre() throws {
        let objective = try objective()
        // Two jobs: sums (1, -2, 0.5) of four views and (0.2, 0.4, -0.1) of two.
        let sums: [Float] = [1.2, -1.6, 0.4]
        var full: [Float] = [0.1, 0.1, 0.1]
        let metrics = objective.conclude(summary(sums, rows: 6, samples: 8, of: 8), centre: &full)
        #expect(zip(full, [0.11, 0.063333, 0.096667]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
        #expect(abs(try #require(metrics["prototype_entropy"]) - log(3)) < 1e-6)
        #expect(abs(try #require(metrics["prototypes_used"]) - 3) < 1e-5)
        #expect(metrics["embedding_spread"] == 0)
        #expect(abs(try #require(metrics["centre_maximum"]) - 0.11) < 1e-6)
        var partial: [Float] = [0.1, 0.1, 0.1]
        _ = objective.conclude(summary(sums, rows: 6, samples: 6, of: 8), centre: &partial)
        #expect(zip(partial, [0.107598, 0.072141, 0.097467]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
    }

    @Test("constant cosines are approached as fast as the momentum says")
    func constantCosines() throws {
        let objective = try objective()
        var centre: [Float] = [0, 0, 0]
        for _ in 0..<3 { _ = objective.conclude(summary([6, 0, -6], rows: 6, samples: 8, of: 8), centre: &centre) }
        #expect(zip(centre, [0.271, 0, -0.271]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
    }

    @Test("an update without samples leaves the centre where it is")
    func noSamples() throws {
        var centre: [Float] = [0.1, 0.2, 0.3]
        let none = UpdateSummary(
            statistics: Array(repeating: 0, count: try objective().statisticCount),
            samples: 0,
            samplesPerUpdate: 8,
            terms: []
        )
        #expect(try objective().conclude(none, centre: &centre).isEmpty)
        #expect(centre == [0.1, 0.2, 0.3])
    }

    @Test("temperature and bias start as the loss wants, or as the recipe says")
    func initialNumbers() throws {
        let sigmoid = try objective()
        #expect(abs(sigmoid.model.logitScale - 2.302585) < 1e-6)
        #expect(abs(try #require(sigmoid.model.logitBias) + 4.844187) < 1e-6)
        let chosen = try objective { ($0.initialScale, $0.initialBias) = (20, -3) }
        #expect(abs(chosen.model.logitScale - 2.995732) < 1e-6)
        #expect(chosen.model.logitBias == -3)
    }

    @Test("only image tower and head are averaged, and only the head is the objective's own")
    func layouts() throws {
        let objective = try objective()
        let student = try objective.trainableLayout()
        let teacher = try objective.teacherLayout(of: student)
        #expect(Set(student.paths).subtracting(teacher.paths).contains("token_embedding.weight"))
        #expect(Set(student.paths).subtracting(teacher.paths).isSuperset(of: ["logit_scale", "logit_bias"]))
        #expect(teacher.paths.allSatisfy { $0.hasPrefix("visual.") || $0.hasPrefix("distillation_head.") })
        #expect(student.paths.filter(objective.isAuxiliary).count == 7)
    }

    private static let changes: [(key: String, change: @Sendable (inout SILC.Configuration) -> Void)] = [
        ("centre_momentum", { $0.centreMomentum = 0.999 }),
        ("teacher_temperature", { $0.teacherTemperature = 0 }),
        ("student_temperature", { $0.studentTemperature = -1 }),
        ("teacher_momentum", { $0.teacherMomentum = 1 }),
        ("prototypes", { $0.prototypes = 1 }),
        ("views.local.count", { $0.views.local.count = 0 }),
        ("views.local.size", { $0.views.local.size = 32 }),
        ("views.global.size", { $0.views.global.size = 33 }),
        ("contrastive_weight", { $0.contrastiveWeight = 0 }),
        ("distillation_weight", { $0.distillationWeight = .nan }),
        ("contrastive", { $0.contrastive = .softmax }),
    ]

    @Test("settings that cannot train are refused, each by its key", arguments: changes.indices)
    func refusals(index: Int) throws {
        var configuration = configuration
        let (key, change) = Self.changes[index]
        change(&configuration)
        let problems = configuration.problems(under: "objective", for: try model())
        #expect(problems.map(\.key).contains("objective.\(key)"), "\(problems)")
    }

    @Test("a model without a text tower, or with another vocabulary, is refused")
    func models() throws {
        let words = Self.json.replacingOccurrences(of: "49408", with: "1000")
        let other = configuration.problems(under: "objective", for: try model(words))
        #expect(other.first { $0.key == "model" }?.description.contains("vocab_size") == true)
        let none = Self.json.replacingOccurrences(of: "text_cfg", with: "multimodal_cfg")
        #expect(configuration.problems(under: "objective", for: try model(none)).contains { $0.key == "model" })
    }

    @Test("momentum follows the size of an update, and short runs are capped")
    func momentum() {
        let uncapped = TeacherMomentum(reference: 0.966, referenceBatch: 16_384, isCapped: false)
        for (samples, expected) in [
            (32_768, 0.93316), (16_384, 0.966), (8192, 0.98285), (4096, 0.99139), (1024, 0.99784), (256, 0.99946),
            (64, 0.99986),
        ] {
            #expect(abs(uncapped.ofFullUpdate(samples: samples, updates: 100) - expected) < 1e-5)
        }
        let capped = TeacherMomentum(reference: 0.966, referenceBatch: 16_384, isCapped: true)
        #expect(abs(capped.ofFullUpdate(samples: 128, updates: 3000) - 0.99333) < 1e-5)
        #expect(
            capped.ofFullUpdate(samples: 16_384, updates: 3000) == uncapped.ofFullUpdate(samples: 16_384, updates: 1)
        )
    }
}
