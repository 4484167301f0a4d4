import Images

/// Reads label files whole, a few at a time, and says in order which cannot be used.
struct LabelReader {
    let root: ImageRoot
    let limits: ImageLimits
    let labelling: Labelling
    /// Decoding keeps a core busy; more than this only helps slow disks and servers.
    var concurrency = 8

    /// - Returns: for each sample nil, or why its labels are not labels of it.
    func verdicts(on samples: [Sample]) async throws(DatasetError) -> [DatasetScan.RejectedImage.Reason?] {
        typealias Verdict = DatasetScan.RejectedImage.Reason?
        let result = await withTaskGroup(of: (Int, Result<Verdict, DatasetError>).self) { group in
            var verdicts = [Verdict](repeating: nil, count: samples.count)
            var next = 0
            func startNext() {
                guard next < samples.count else { return }
                let position = next
                group.addTask { (position, await self.verdict(on: samples[position])) }
                next += 1
            }
            for _ in 0..<concurrency { startNext() }
            for await (position, verdict) in group {
                switch verdict {
                case .success(let verdict): verdicts[position] = verdict
                case .failure(let error):
                    group.cancelAll()
                    return Result<[Verdict], DatasetError>.failure(error)
                }
                startNext()
            }
            return .success(verdicts)
        }
        return try result.get()
    }

    private func verdict(on sample: Sample) async -> Result<DatasetScan.RejectedImage.Reason?, DatasetError> {
        guard let file = sample.labelFile else { return .success(.record("it has no label file.")) }
        do {
            switch try await labels(of: sample, in: file) {
            case .labels: return .success(nil)
            case .bad(let reason): return .success(.bad(reason))
            }
        } catch {
            guard case .notFound(let key, _) = error else { return .failure(error) }
            return .success(.record("its label file \(key) was not found."))
        }
    }

    enum Outcome: Sendable {
        case labels(LabelMap)
        /// Nobody will ever get them.
        case bad(BadSample.Reason)
    }

    /// - Throws: whatever another machine might not meet.
    func labels(of sample: Sample, in file: LabelFile) async throws(DatasetError) -> Outcome {
        let bytes: [UInt8]
        do {
            bytes = try await root.bytes(of: file.key)
        } catch {
            guard case .tooManyBytes(_, let limit) = error else { throw error }
            return .bad(.tooManyBytes(limit: limit))
        }
        do {
            let labels = try labelling.labels(
                of: file,
                bytes: bytes,
                width: sample.width,
                height: sample.height,
                limits: limits
            )
            return .labels(labels)
        } catch {
            if case .undecodable(.outOfMemory) = error { throw .outOfMemory(key: file.key) }
            return .bad(.label(file: file.key, error))
        }
    }
}
