import Images

/// Reads the headers of many pictures, a few at a time, and gives them back in order.
struct HeaderReader {
    enum Outcome: Sendable {
        case header(ImageHeader)
        case rejected(DatasetScan.RejectedImage.Reason)
    }

    let root: ImageRoot
    let limits: ImageLimits
    let minimumSide: Int
    /// How many are on their way at once: disks and servers answer late rather than slowly.
    var concurrency = 16

    /// Cameras put thumbnails and profiles before the first scan; most headers still end within this.
    static let prefixCount = 1 << 16

    func outcomes(of keys: [String]) async throws(DatasetError) -> [Outcome] {
        let result = await withTaskGroup(of: (Int, Result<Outcome, DatasetError>).self) { group in
            var outcomes = [Outcome?](repeating: nil, count: keys.count)
            var next = 0
            func startNext() {
                guard next < keys.count else { return }
                let position = next
                group.addTask { (position, await self.outcome(of: keys[position])) }
                next += 1
            }
            for _ in 0..<concurrency { startNext() }
            for await (position, outcome) in group {
                switch outcome {
                case .success(let outcome): outcomes[position] = outcome
                case .failure(let error):
                    group.cancelAll()
                    return Result<[Outcome], DatasetError>.failure(error)
                }
                startNext()
            }
            return .success(outcomes.compactMap(\.self))
        }
        return try result.get()
    }

    private func outcome(of key: String) async -> Result<Outcome, DatasetError> {
        do {
            return .success(try await readHeader(of: key))
        } catch {
            switch error {
            case .tooManyBytes(_, let limit): return .success(.rejected(.bad(.tooManyBytes(limit: limit))))
            case .notFound: return .success(.rejected(.missing))
            default: return .failure(error)
            }
        }
    }

    private func readHeader(of key: String) async throws(DatasetError) -> Outcome {
        let leading = try await root.leadingBytes(of: key, count: Self.prefixCount)
        if let outcome = outcome(leading, isAll: leading.count < Self.prefixCount, key) { return outcome }
        return outcome(try await root.bytes(of: key), isAll: true, key) ?? .rejected(.bad(.undecodable(.empty)))
    }

    /// What some leading bytes of a picture say; nil if more are needed and there are more.
    func outcome(_ leading: [UInt8], isAll: Bool, _ key: String) -> Outcome? {
        switch Self.header(leading, limits, key) {
        case .success(let header): return judged(header)
        case .failure(let error):
            if case .truncated = error.reason, !isAll { return nil }
            return .rejected(.bad(.undecodable(error.reason)))
        }
    }

    private func judged(_ header: ImageHeader) -> Outcome {
        guard min(header.width, header.height) < minimumSide else { return .header(header) }
        return .rejected(.bad(.tooSmall(width: header.width, height: header.height, minimumSide: minimumSide)))
    }

    private static func header(_ bytes: [UInt8], _ limits: ImageLimits, _ key: String) -> Result<
        ImageHeader, ImageError
    > {
        Result { () throws(ImageError) in try ImageDecoder.header(of: bytes, limits: limits, key: key) }
    }
}
