import Commands
import Foundation
import Layers
import Models
import Tensors
import Testing

@Suite("Fixed work") struct FixedWorkTests {
    @Test("every work can be repeated, also at another size", arguments: FixedWork.allCases)
    func repeats(work: FixedWork) throws {
        let prepared = try work.prepared(Benchmark.model(), size: 48, on: CPUBackend(threadCount: 2))
        for _ in 0..<2 { try prepared.repetition() }
    }

    /// Calls by primitive in one repetition after another.
    private func calls(of work: FixedWork) throws -> [Primitive: Int] {
        let metered = MeteredBackend(CPUBackend(threadCount: 2))
        let prepared = try work.prepared(Benchmark.model(), size: 48, on: metered)
        try prepared.repetition()
        metered.reset()
        try prepared.repetition()
        return metered.usage.mapValues(\.calls)
    }

    @Test("a training step goes through both blocks forward and backward and updates each tensor in place")
    func training() throws {
        let calls = try calls(of: .towerTraining)
        #expect(calls[.attention] == 2)
        #expect(calls[.attentionVJP] == 2)
        let tensors = try VisionTransformer.parameters(of: Benchmark.tower()).count
        #expect(calls[.adamW] == tensors)
        #expect(calls[.copied] == nil)
    }

    @Test("a CLIPSelf step runs the teacher whole and the student's last block without attention; cached, no teacher")
    func clipSelf() throws {
        let (full, cached) = (try calls(of: .clipSelf), try calls(of: .clipSelfCached))
        #expect((full[.attention], full[.attentionVJP]) == (3, 1))
        #expect((cached[.attention], cached[.attentionVJP]) == (1, 1))
        #expect((full[.adamW], cached[.adamW]) == (nil, nil))
    }

    @Test("a SILC step runs the teacher on the large views, the student on both sizes, and the text tower")
    func silc() throws {
        let calls = try calls(of: .silc)
        let model = try Benchmark.model()
        let (image, text) = (model.vision.layers, try model.textTower().layers)
        #expect(calls[.attention] == 3 * image + text)
        #expect(calls[.attentionVJP] == 2 * image + text)
        #expect(calls[.adamW] == nil)
    }

    @Test("AdamW alone updates every number once")
    func adamW() throws {
        let metered = MeteredBackend(CPUBackend(threadCount: 1))
        let prepared = try FixedWork.adamW.prepared(Benchmark.model(), on: metered)
        metered.reset()
        try prepared.repetition()
        let count = try VisionTransformer.parameters(of: Benchmark.tower()).reduce(0) { $0 + $1.shape.count }
        #expect(metered.usage[.adamW]?.cost.bytes == 28 * count)
        #expect(metered.usage.count == 1)
    }

    @Test("a repetition is one line with every documented field")
    func line() throws {
        let repetition = WorkRepetition(
            work: .clipSelfCached,
            repetition: 2,
            seconds: 0.5,
            threads: 2,
            operations: 7,
            peakOperationsPerSecond: 4,
            peakResidentBytes: 100
        )
        let expected = """
            {"operations":7,"peak_operations_per_second":4,"peak_resident_bytes":100,"repetition":2,"seconds":0.5,\
            "threads":2,"work":"clipself-cached"}
            """
        #expect(try JSONOutput.text(repetition, isOneLine: true) == expected)
    }
}
