import Checkpoints
import OrderedCollections
import TestSupport
import Testing

struct AlphaMixTests {
    @Test("the mix is within one unit in the last place of torch's", arguments: [0.0, 0.3, 0.7, 0.95, 1.0])
    func torch(alpha: Double) throws {
        let fixture = try SafetensorsFile.read(TestFile.path("CheckpointsTests/Fixtures/mix.safetensors"))
        let mixed = try AlphaMix(alpha: alpha)(
            student: Checkpoint(tensors: ["w": fixture.tensor(named: "student")]),
            teacher: Checkpoint(tensors: ["w": fixture.tensor(named: "teacher")]),
            trained: [.init(key: "w")]
        )
        let expected = try fixture.floats(named: "alpha_\(alpha)")
        let distances = zip(try mixed.floats(named: "w"), expected).map { abs($0 - $1) / $1.ulp }
        #expect((distances.max() ?? .infinity) <= (alpha == 0 || alpha == 1 ? 0 : 1))
    }

    @Test("alpha of one and more is the raw student, zero the teacher, bit for bit")
    func extremes() throws {
        let student = Checkpoint(tensors: ["w": CheckpointTensor([-0.0, .infinity, 3], shape: [3])])
        let teacher = Checkpoint(tensors: ["w": CheckpointTensor([0, 1, .infinity], shape: [3])])
        for alpha in [1, 1.5, .infinity] {
            #expect(
                try AlphaMix(alpha: alpha)(student: student, teacher: teacher, trained: [.init(key: "w")]) == student
            )
        }
        #expect(try AlphaMix(alpha: 0)(student: student, teacher: teacher, trained: [.init(key: "w")]) == teacher)
    }

    @Test("frozen tensors and frozen rows are copied, where mixing would change their last bit")
    func copies() throws {
        // 0.7v + 0.3v ≠ v for some of these values, as the first expectation shows.
        let values = (1...64).map { 1 / Float($0) }
        #expect(values.contains { Float(0.7) * $0 + Float(1 - 0.7) * $0 != $0 })
        var moved = values
        for index in 32..<64 { moved[index] += 1 }
        let frozen = CheckpointTensor(values, shape: [64])
        let student = Checkpoint(tensors: ["f": frozen, "w": CheckpointTensor(moved, shape: [4, 16])])
        let teacher = Checkpoint(tensors: ["f": frozen, "w": CheckpointTensor(values, shape: [4, 16])])
        let mixed = try AlphaMix(alpha: 0.7)(
            student: student,
            teacher: teacher,
            trained: [.init(key: "w", rows: 2..<3), .init(key: "w", rows: 3..<4)]
        )
        #expect(mixed.tensors["f"] == frozen)
        let result = try mixed.floats(named: "w")
        #expect(Array(result[..<32]) == Array(values[..<32]))
        #expect(zip(result[32...], values[32...]).allSatisfy { abs($0 - $1 - 0.7) < 1e-6 })
    }

    @Test("a difference outside the trained slices means that these are no pair")
    func frozenDiffers() throws {
        let student = Checkpoint(tensors: ["w": CheckpointTensor([1, 2], shape: [2])])
        let teacher = Checkpoint(tensors: ["w": CheckpointTensor([1, 3], shape: [2])])
        let mix = try AlphaMix(alpha: 0.7)
        let error = CheckpointError.inTensor("w", .frozenTensorDiffers)
        #expect(throws: error) { try mix(student: student, teacher: teacher, trained: []) }
        #expect(throws: error) {
            try mix(student: student, teacher: teacher, trained: [.init(key: "w", rows: 0..<1)])
        }
    }

    @Test("other keys, other shapes, stray slices and stray rows are named")
    func mismatches() throws {
        let mix = try AlphaMix(alpha: 0.7)
        let one = Checkpoint(tensors: ["w": CheckpointTensor([1, 2], shape: [2])])
        let other = Checkpoint(tensors: [
            "w": CheckpointTensor([1, 2], shape: [2, 1]), "x": CheckpointTensor([], shape: [0]),
        ])
        let error = #expect(throws: CheckpointError.self) { try mix(student: one, teacher: other, trained: []) }
        guard case .mismatch(_, let report)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(report.missing.map(\.key) == ["x"] && report.mismatched.map(\.key) == ["w"])
        #expect(throws: CheckpointError.noSuchTensor(file: "the student", tensor: "v")) {
            try mix(student: one, teacher: one, trained: [.init(key: "v")])
        }
        #expect(throws: CheckpointError.inTensor("w", .rowsBeyondTensor(rows: 1..<3, shape: [2]))) {
            try mix(student: one, teacher: one, trained: [.init(key: "w", rows: 1..<3)])
        }
    }

    @Test("scalars and empty tensors mix, and fp16 teachers are widened")
    func oddShapes() throws {
        let half = try CheckpointTensor([1], shape: []).converted(to: .float16)
        let empty = CheckpointTensor([], shape: [0, 3])
        let mixed = try AlphaMix(alpha: 0.5)(
            student: Checkpoint(tensors: ["s": CheckpointTensor([2], shape: []), "e": empty]),
            teacher: Checkpoint(tensors: ["s": half, "e": empty]),
            trained: [.init(key: "s"), .init(key: "e")]
        )
        #expect(mixed.tensors == ["s": CheckpointTensor([1.5], shape: []), "e": empty])
    }

    @Test("an alpha below zero, or none at all, is refused", arguments: [-0.1, -.infinity])
    func invalidAlpha(alpha: Double) {
        #expect(throws: CheckpointError.invalidAlpha(alpha)) { try AlphaMix(alpha: alpha) }
        #expect(throws: CheckpointError.self) { try AlphaMix(alpha: .nan) }
    }
}
