import Checkpoints
import Objectives
import Stores

/// Fetches the embeddings of a two-phase step, checks every byte of them, and keeps them for further jobs of that step.
actor PeerReader {
    private let artifacts: ArtifactStore
    private let run: RunID
    /// Numbers of a row.
    private let width: Int
    private var held: (step: Int, digest: [UInt8], peers: UpdatePeers)?

    /// Artifacts that are asked for at once.
    private static let pageSize = 16

    init(_ artifacts: ArtifactStore, of run: RunID, width: Int) {
        (self.artifacts, self.run, self.width) = (artifacts, run, width)
    }

    /// - Throws: `WorkerError.stepReopened` when the run has gone back; `WorkerError.embeddingsCorrupt`.
    func peers(of job: ClaimedJob) async throws -> UpdatePeers {
        let step = job.arguments.step
        guard let embeddings = try await artifacts.embeddings(of: run, step: step) else {
            throw WorkerError.stepReopened(step)
        }
        if let held, held.step == step, held.digest == embeddings.digest { return held.peers }
        held = nil
        guard Digest(of: embeddings.artifacts.flatMap(Self.entry)).bytes == embeddings.digest else {
            throw WorkerError.embeddingsCorrupt(step: step, job: nil)
        }
        var parts: [(ordinal: Int, rows: PeerRows)] = []
        for start in stride(from: 0, to: embeddings.artifacts.count, by: Self.pageSize) {
            try Task.checkCancellation()
            let page = Array(embeddings.artifacts[start..<min(start + Self.pageSize, embeddings.artifacts.count)])
            for (artifact, data) in zip(page, try await artifacts.parts(of: page)) {
                parts.append((artifact.ordinal, try rows(of: artifact, data, step: step)))
            }
        }
        let peers = UpdatePeers(parts, width: width)
        held = (step, embeddings.digest, peers)
        return peers
    }

    private func rows(of artifact: ArtifactManifest, _ parts: [[UInt8]], step: Int) throws -> PeerRows {
        guard Digest(of: parts.flatMap { Digest(of: $0).bytes }).bytes == artifact.digest,
            let rows = PeerRows(encoded: parts.flatMap(\.self)),
            rows.count == artifact.samples, rows.width == width
        else { throw WorkerError.embeddingsCorrupt(step: step, job: artifact.job) }
        return rows
    }

    /// What the digest of all embeddings is taken over.
    private static func entry(_ artifact: ArtifactManifest) -> [UInt8] {
        withUnsafeBytes(of: Int32(artifact.ordinal).bigEndian, Array.init) + artifact.digest
    }
}
