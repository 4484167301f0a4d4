import Objectives
import Stores

/// Remembers the last versions' metrics, as far as a collapse shows in them.
struct CollapseGuard: Sendable {
    private let fresh: CollapseWatch?
    private var watch: CollapseWatch?

    init(_ watch: CollapseWatch?) { (fresh, self.watch) = (watch, watch) }

    /// Starts again behind a version that was taken up: what is in the database decides, whoever published it.
    ///
    /// A sign that was complete before is not told again: an operator has resumed the run in spite of it.
    func resumed(_ run: RunID, behind number: Int, _ metrics: MetricStore) async throws -> CollapseGuard {
        var resumed = CollapseGuard(fresh)
        guard let window = fresh?.window else { return resumed }
        let recent = try await metrics.list(of: run, since: max(0, number - window + 1))
        for (number, metrics) in Dictionary(grouping: recent, by: \.number).sorted(by: { $0.key < $1.key }) {
            let values = Dictionary(metrics.map { ($0.name, $0.value) }) { $1 }
            _ = resumed.note(values, ofVersion: number)
        }
        return resumed
    }

    mutating func note(_ metrics: [String: Double], ofVersion number: Int) -> CollapseWatch.Collapse? {
        watch?.note(metrics, ofVersion: number)
    }
}
