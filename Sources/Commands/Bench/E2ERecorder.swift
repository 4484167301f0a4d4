import AggregatorRole
import Synchronization
import WorkerRole

/// What the roles of a bench tell about every job and every version, as it happens.
final class E2ERecorder: Sendable {
    struct Job: Sendable {
        let worker: Int
        let timings: JobTimings
    }

    struct Record: Sendable {
        var jobs: [Job] = []
        var versions: [VersionTimings] = []
    }

    private let state = Mutex(Record())

    func note(_ timings: JobTimings, of worker: Int) {
        state.withLock { $0.jobs.append(Job(worker: worker, timings: timings)) }
    }

    func note(_ timings: VersionTimings) { state.withLock { $0.versions.append(timings) } }

    var record: Record { state.withLock(\.self) }
}
