import Checkpoints
import Objectives
import Stores

extension ArtifactSubmission {
    /// What an embed job has come to.
    init(_ rows: PeerRows, badSamples: [BadSample]) {
        let bytes = rows.encoded
        let parts = stride(from: 0, to: bytes.count, by: Self.partLimit).map { start in
            Array(bytes[start..<min(start + Self.partLimit, bytes.count)])
        }
        self.init(
            samples: rows.count,
            digest: Digest(of: parts.flatMap { Digest(of: $0).bytes }).bytes,
            parts: parts,
            badSamples: badSamples
        )
    }
}
