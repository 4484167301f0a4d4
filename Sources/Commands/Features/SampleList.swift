import ArgumentParser

/// Sample ids such as `0,1,7`.
struct SampleList: ExpressibleByArgument {
    let ids: [Int64]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int64($0) }
        let ids = parts.compactMap { $0 }
        guard !ids.isEmpty, ids.count == parts.count, ids.allSatisfy({ $0 >= 0 }) else { return nil }
        self.ids = ids
    }
}
