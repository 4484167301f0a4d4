package import Optimizers

extension TrainingPlan {
    /// One entry a slice of `student`: its factor on the learning rate, and its decay.
    package var settings: [SliceSettings] { decisions.settings }

    package var optimizer: AdamW { recipe.adamW }

    /// nil where the recipe does not clip.
    package var clipping: GradientClipping? { recipe.optimizer.clipNorm.map(GradientClipping.init(maximumNorm:)) }

    /// The rate of the update that follows `samples` applied images: schedules advance by images, not by updates, so a
    /// partial update moves them by its share.
    package func learningRate(afterSamples samples: Int) -> Double {
        recipe.cosineSchedule.learningRate(at: Double(samples) / Double(recipe.imagesPerUpdate))
    }
}

extension Recipe {
    package var adamW: AdamW { AdamW(beta1: optimizer.beta1, beta2: optimizer.beta2, epsilon: optimizer.epsilon) }

    package var cosineSchedule: CosineSchedule {
        CosineSchedule(
            peak: schedule.learningRate,
            warmUpSteps: Double(schedule.warmupUpdates),
            totalSteps: Double(schedule.updates)
        )
    }

    package var parameterRules: ParameterRules {
        let rules = parameters.map { rule in
            ParameterRules.Rule(
                rule.pattern,
                isFrozen: rule.trains == false,
                learningRateScale: rule.learningRateScale ?? 1,
                weightDecay: rule.weightDecay
            )
        }
        return ParameterRules(rules, weightDecay: optimizer.weightDecay)
    }
}
