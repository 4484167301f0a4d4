import Checkpoints
import Evaluators
import Testing

@Suite("Masks on the feature grid against torch's bicubic")
struct MaskResamplingParityTests {
    @Test("the same cells come out above zero, with and without antialias", arguments: 0..<5, [true, false])
    func masks(number: Int, antialias: Bool) throws {
        let fixture = try Fixture("clipself-masks")
        let mask = try fixture.checkpoint.tensor(named: "\(number).mask")
        let expected = try fixture.checkpoint.tensor(named: "\(number).\(antialias ? "smooth" : "plain")")
        let found = MaskResampling.shrunken(
            mask.bytes.map { $0 != 0 },
            width: mask.shape[1],
            height: mask.shape[0],
            rows: expected.shape[0],
            columns: expected.shape[1],
            antialias: antialias
        )
        let differing = zip(found, expected.bytes).count { $0 != ($1 != 0) }
        print("mask \(number), antialias \(antialias): \(differing) of \(found.count) cells differ")
        #expect(differing == 0)
    }
}
