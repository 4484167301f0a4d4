import Foundation
package import Models

extension SILC.Configuration {
    /// What is wrong whatever the model; `key` is prefixed with `prefix`.
    package func problems(under prefix: String) -> [SettingProblem] {
        var problems = views.problems(under: "\(prefix).views")
        func require(_ isValid: Bool, _ key: CodingKeys, _ value: some Any, _ allowed: String) {
            problems.require(isValid, "\(prefix).\(key.rawValue)", value, allowed)
        }
        require(
            contrastiveWeight > 0 && contrastiveWeight <= 1000,
            .contrastiveWeight,
            contrastiveWeight,
            "above 0 and at most 1000"
        )
        require(
            (0...1000).contains(distillationWeight),
            .distillationWeight,
            distillationWeight,
            "from 0, for none, to 1000"
        )
        if let scale = initialScale {
            require((1...100).contains(scale), .initialScale, scale, "from 1 to 100, or null for the usual one")
        }
        if let bias = initialBias {
            require((-100...100).contains(bias), .initialBias, bias, "from -100 to 100, or null for -ln(B - 1)")
        }
        require((1...1024).contains(studentBatch), .studentBatch, studentBatch, "from 1 to 1024")
        if distils {
            addDistillationProblems(require)
            problems.require(
                views.local.count > 0,
                "\(prefix).views.local.count",
                views.local.count,
                "1 or more, as they are what is distilled, or distillation_weight 0"
            )
        }
        return problems
    }

    private func addDistillationProblems(_ require: (Bool, CodingKeys, Any, String) -> Void) {
        require((2...1 << 20).contains(prototypes), .prototypes, prototypes, "from 2 to \(1 << 20)")
        require((1...1 << 16).contains(headHidden), .headHidden, headHidden, "from 1 to \(1 << 16)")
        require((1...1 << 14).contains(headBottleneck), .headBottleneck, headBottleneck, "from 1 to \(1 << 14)")
        for (key, value) in [
            (CodingKeys.studentTemperature, studentTemperature), (.teacherTemperature, teacherTemperature),
        ] {
            require(value > 0 && value <= 10, key, value, "above 0 and at most 10")
        }
        // DINO's table: k-NN accuracy falls from 69.7 (0.9) to 0.1 (0.999), since the centre comes too late.
        require(
            centreMomentum >= 0 && centreMomentum < 0.999,
            .centreMomentum,
            centreMomentum,
            "from 0 to below 0.999, where training collapses"
        )
        if let held = prototypesHeldFor {
            require(held >= 0, .prototypesHeldFor, held, "0 or more samples, or null for the usual number")
        }
        require(
            teacherMomentum > 0 && teacherMomentum < 1,
            .teacherMomentum,
            teacherMomentum,
            "above 0 and below 1, where the teacher would never learn"
        )
        require(teacherReferenceBatch > 0, .teacherReferenceBatch, teacherReferenceBatch, "1 or more samples")
    }

    /// The same, and what does not suit the model.
    package func problems(under prefix: String, for model: ModelConfiguration) -> [SettingProblem] {
        var problems = problems(under: prefix)
        let sized = views.problems(under: "\(prefix).views", for: model.vision)
        problems += sized.filter { !problems.contains($0) }
        let towers: CLIP.Configuration
        do {
            towers = try model.clip()
            try towers.text.checkVocabulary()
        } catch {
            let allowed = "one with a text tower that can be computed: \(error)"
            return problems + [SettingProblem(key: "model", value: "without text", allowed: allowed)]
        }
        problems.require(
            (towers.logitBias != nil) == (contrastive == .sigmoid),
            "\(prefix).contrastive",
            contrastive.rawValue,
            towers.logitBias == nil
                ? "softmax for this model; for sigmoid its JSON must have `init_logit_bias`, which exports then carry"
                : "sigmoid for this model, whose JSON has `init_logit_bias`"
        )
        return problems
    }
}
