import Checkpoints
import Datasets
import Objectives

/// Makes a job's samples ready, one graph after the other; a pure function of the samples and of what is known.
struct GraphLoader<O: Objective>: Sendable {
    let objective: O
    let dataset: Dataset
    let runSeed: UInt64
    let job: JobSamples
    /// False where nobody wants to know what the teacher says.
    let asksTeacher: Bool
    /// Where targets are looked up, and by what names; nil where all are computed.
    let kept: (scope: TargetScope, cache: any TargetCache)?

    /// Loads the next samples until a graph is full or none is left; those that nobody can use fill no place.
    ///
    /// On threads of its own, so that it goes on beside the computation of the graph before.
    /// - Parameter start: place in `ids`.
    @concurrent
    func load(from start: Int) async throws -> LoadedGraph<O> {
        var graph = LoadedGraph<O>(start: start)
        while graph.end < job.ids.count, graph.views.count < objective.samplesPerGraph {
            try Task.checkCancellation()
            try await append(job.ids[graph.end], to: &graph)
            graph.end += 1
        }
        try Task.checkCancellation()
        guard asksTeacher else { return graph }
        let (views, keys) = (graph.views, graph.keys)
        let count = views.reduce(0) { $0 + objective.targetCount(of: $1) }
        let known = await graph.phases.measure(.teacher) { await self.known(keys, count: count) }
        graph.shown = graph.phases.measure(.prepare) { missing(known, of: views) }
        graph.known = known
        return graph
    }

    private func append(_ id: Int64, to graph: inout LoadedGraph<O>) async throws {
        let seed = SampleSeed(run: runSeed, epoch: job.epoch, sample: id, update: job.update)
        switch try await graph.phases.measure(.decode, { try await dataset.load(id, seed: seed) }) {
        case .bad(let bad):
            graph.badSamples.append(.init(bad))
        case .loaded(let loaded):
            let views = graph.phases.measure(.prepare) { objective.views(of: loaded, seed: seed) }
            if let reason = objective.rejection(of: views) {
                return graph.badSamples.append(.init(unusable: loaded.sample, because: reason))
            }
            graph.samples.append(id)
            graph.views.append(views)
            guard let kept, asksTeacher, let digest = Digest(bytes: loaded.fileDigest) else { return }
            graph.keys += objective.targetCrops(of: loaded.sample, seed: seed).map {
                TargetKey(scope: kept.scope.digest, file: digest, crop: $0)
            }
        }
    }

    private func known(_ keys: [TargetKey], count: Int) async -> [RoundedTarget?] {
        guard let kept, !keys.isEmpty else { return Array(repeating: nil, count: count) }
        precondition(keys.count == count, "an objective names a crop for each target of its views")
        let found = await kept.cache.known(among: keys, size: kept.scope.rule.size)
        return keys.map { found[$0] }
    }

    /// Crops are cut here and not before: a known target needs none.
    private func missing(_ known: [RoundedTarget?], of views: [O.Views]) -> [O.TeacherView] {
        var first = 0
        return views.flatMap { views in
            let count = objective.targetCount(of: views)
            defer { first += count }
            return objective.teacherViews(of: views, (0..<count).filter { known[first + $0] == nil })
        }
    }
}
