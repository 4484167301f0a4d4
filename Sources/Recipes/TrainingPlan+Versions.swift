import Layers
package import Objectives
package import Optimizers

extension TrainingPlan {
    /// Numbers that a job hands in: the gradient of the student, then the objective's statistics.
    package var payloadCount: Int { student.count + objective.statisticCount }

    /// Numbers of the centre, running state that each version carries; 0 for none.
    package var centreSize: Int { objective.centreSize }

    /// Numbers of a moving teacher that each version carries beside its student; 0 under other policies.
    package var teacherSize: Int { teacherPolicy == .movingAverage ? teacher.count : 0 }

    /// How a moving teacher follows the student; nil where it does not.
    package var teacherAverage: ExponentialMovingAverage? {
        objective.teacherMomentum.map { momentum in
            let (samples, updates) = (recipe.imagesPerUpdate, recipe.schedule.updates)
            return ExponentialMovingAverage(
                referenceMomentum: momentum.ofFullUpdate(samples: samples, updates: updates),
                referenceBatch: Double(samples)
            )
        }
    }

    /// What watches the run's metrics; nil where nothing can collapse.
    package var collapseWatch: CollapseWatch? {
        objective.collapseWatch(updates: recipe.schedule.updates, samplesPerUpdate: recipe.imagesPerUpdate)
    }

    /// The places in the flat student where the teacher's numbers come from, in the order of `teacher`.
    package var teacherRanges: [Range<Int>] {
        let places = Dictionary(uniqueKeysWithValues: student.slices.enumerated().map { ($1, $0) })
        return teacher.slices.compactMap { slice in places[slice].map(student.range(of:)) }
    }

    /// What stays as it is in the update that follows so many samples, as places in the flat student.
    package func heldRanges(afterSamples samples: Int) -> [Range<Int>] {
        let total = recipe.imagesPerUpdate * recipe.schedule.updates
        return student.slices.indices.filter { index in
            objective.holds(student.slices[index].path, afterSamples: samples, of: total)
        }.map(student.range(of:))
    }

    /// Where the parameter lies in the flat student of which a term of the loss is a function; nil where there is none, or
    /// where not all of it trains.
    package var penalizedPlaces: Range<Int>? {
        guard let path = objective.penalizedParameter else { return nil }
        return student.slices.indices.first { student.slices[$0].path == path && student.slices[$0].coversParameter }
            .map(student.range(of:))
    }

    /// Where numbers of the flat student are brought back to after an update.
    package var bounds: [(places: Range<Int>, range: ClosedRange<Float>)] {
        objective.parameterBounds.flatMap { bounds in
            student.slices.indices.filter { student.slices[$0].path == bounds.path }
                .map { (student.range(of: $0), bounds.range) }
        }
    }
}
