extension Recipe {
    /// How a step is cut into jobs. Any cut gives the same update up to rounding, and each cut the same bits for any
    /// number of workers.
    package struct Aggregation: Codable, Hashable, Sendable {
        package var imagesPerJob: Int
        package var jobsPerStep: Int

        package init(imagesPerJob: Int, jobsPerStep: Int) {
            self.imagesPerJob = imagesPerJob
            self.jobsPerStep = jobsPerStep
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case imagesPerJob = "images_per_job"
            case jobsPerStep = "jobs_per_step"
        }
    }
}
