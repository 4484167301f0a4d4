/// What a worker reports with each beat, for people to see who does what and how fast.
struct WorkerStatistics: Sendable {
    var jobs = 0
    var images = 0
    var fencedResults = 0
    var failedJobs = 0
    var busySeconds = 0.0
    var downloadedBytes = 0
    var cachedBytes = 0
    /// Targets of pictures met so far that were known, in memory or in the database, and that were not.
    var foundTargets = 0
    var missingTargets = 0

    var values: [String: Double] {
        [
            "jobs": Double(jobs), "images": Double(images), "fenced_results": Double(fencedResults),
            "failed_jobs": Double(failedJobs), "busy_seconds": busySeconds,
            "images_per_second": busySeconds > 0 ? Double(images) / busySeconds : 0,
            "downloaded_bytes": Double(downloadedBytes), "cached_bytes": Double(cachedBytes),
            "found_targets": Double(foundTargets), "missing_targets": Double(missingTargets),
        ]
    }
}
