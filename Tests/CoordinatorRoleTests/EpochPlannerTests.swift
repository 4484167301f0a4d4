import CoordinatorRole
import Stores
import Testing

@Suite struct EpochPlannerTests {
    @Test("jobs tile every epoch without gap or overlap, whatever the sizes", arguments: 1...40)
    func tiles(epochSamples: Int) {
        for (imagesPerJob, jobsPerStep, updates) in [(1, 1, 7), (2, 3, 11), (4, 4, 5), (7, 2, 9)] {
            let planner = EpochPlanner(
                epochSamples: epochSamples,
                imagesPerJob: imagesPerJob,
                jobsPerStep: jobsPerStep,
                updates: updates
            )
            var due = 0
            var epoch = 0
            var total = 0
            for index in 0..<planner.totalSteps {
                let step = planner.step(index)
                #expect(step.step == index)
                if step.epoch != epoch {
                    #expect(due == epochSamples)
                    #expect(step.epoch == epoch + 1)
                    (epoch, due) = (step.epoch, 0)
                }
                #expect(step.jobs.count <= jobsPerStep)
                for job in step.jobs {
                    #expect(job.lowerBound == due)
                    #expect(!job.isEmpty && job.count <= imagesPerJob)
                    due = job.upperBound
                }
                total += step.sampleCount
            }
            #expect(total == updates * imagesPerJob * jobsPerStep)
        }
    }

    @Test("an epoch that the batch does not divide ends with a smaller step")
    func remainder() {
        let planner = EpochPlanner(epochSamples: 10, imagesPerJob: 2, jobsPerStep: 2, updates: 5)
        #expect(planner.totalSteps == 6)
        #expect(planner.step(2) == StepPlan(step: 2, epoch: 0, jobs: [8..<10]))
        #expect(planner.step(3) == StepPlan(step: 3, epoch: 1, jobs: [0..<2, 2..<4]))
    }

    @Test("steps of a run that compares all samples of an update have a first phase, over the same positions")
    func embedPhase() {
        let planner = EpochPlanner(epochSamples: 10, imagesPerJob: 2, jobsPerStep: 2, updates: 5, hasEmbedPhase: true)
        #expect(planner.totalSteps == 6)
        #expect(planner.step(2) == StepPlan(step: 2, epoch: 0, jobs: [8..<10], hasEmbedPhase: true))
    }

    @Test("versions whose number the rhythm divides are evaluated, and the last", arguments: [1, 2, 4, 5, 9])
    func evaluations(every: Int) {
        let planner = EpochPlanner(
            epochSamples: 10,
            imagesPerJob: 2,
            jobsPerStep: 2,
            updates: 5,
            evaluations: EpochPlanner.Evaluations(every: every, count: 3)
        )
        for index in 0..<planner.totalSteps {
            let version = index + 1
            let isDue = version % every == 0 || version == planner.totalSteps
            #expect(planner.step(index).evaluationCount == (isDue ? 3 : 0), "version \(version)")
        }
    }

    @Test("without a rhythm none is evaluated, not even the last")
    func noEvaluations() {
        let none = EpochPlanner.Evaluations(every: 0, count: 3)
        let planner = EpochPlanner(epochSamples: 8, imagesPerJob: 4, jobsPerStep: 1, updates: 4, evaluations: none)
        #expect((0..<planner.totalSteps).allSatisfy { planner.step($0).evaluationCount == 0 })
    }
}
