import Checkpoints
import Foundation
import OrderedCollections
import Testing

struct CheckpointSummaryTests {
    private static func checkpoint() throws -> Checkpoint {
        let step = try CheckpointTensor(dtype: .int64, shape: [], bytes: [7, 0, 0, 0, 0, 0, 0, 0])
        let weight = CheckpointTensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        return Checkpoint(tensors: ["visual.proj": weight, "step": step], metadata: ["alpha": "0.7"])
    }

    @Test("totals count parameters, not bookkeeping integers")
    func totals() throws {
        let summary = try CheckpointSummary(of: Self.checkpoint(), layout: nil)
        #expect(summary.tensorCount == 2 && summary.parameterCount == 6 && summary.byteCount == 32)
        #expect(summary.elementCounts == ["F32": 6, "I64": 1])
        #expect(summary.contentSHA256 == nil && summary.tensors.allSatisfy { $0.sha256 == nil })
    }

    @Test("the table shows totals, metadata and a row a tensor")
    func table() throws {
        #expect(
            try CheckpointSummary(of: Self.checkpoint(), layout: "open_clip").description == """
                layout      open_clip
                tensors     2
                parameters  6 (elements: F32 6, I64 1)
                bytes       32
                metadata    alpha = 0.7

                tensor       type  shape
                visual.proj  F32   [2, 3]
                step         I64   []
                """
        )
    }

    @Test("digests are there when asked for, in the table and in JSON")
    func digests() throws {
        let checkpoint = try Self.checkpoint()
        let summary = try CheckpointSummary(of: checkpoint, layout: nil, withDigests: true)
        let digest = Digest(of: try checkpoint.tensor(named: "visual.proj"))
        #expect(summary.tensors[0].sha256 == digest)
        #expect(summary.contentSHA256 == (try checkpoint.contentDigest()))
        #expect(summary.description.contains("visual.proj  F32   [2, 3]  \(digest)"))
        let json = try JSONEncoder().encode(summary)
        #expect(String(decoding: json, as: UTF8.self).contains(#""parameter_count":6"#))
        #expect(try JSONDecoder().decode(CheckpointSummary.self, from: json) == summary)
    }
}
