import Foundation
import Layers
import Tensors
import Testing

@Suite("ParameterLayout")
struct ParameterLayoutTests {
    let backend = CPUBackend(threadCount: 1)
    let fused = ParameterSlice(path: "in_proj", shape: [6, 2], rows: 4..<6)
    let bias = ParameterSlice(Parameter(path: "bias", shape: [3]))
    let scalar = ParameterSlice(Parameter(path: "logit_scale", shape: []))

    @Test("slices lie one after another in the flat vector")
    func offsets() throws {
        let layout = try ParameterLayout([fused, bias, scalar])
        #expect(layout.offsets == [0, 4, 7, 8])
        #expect(layout.count == 8)
        #expect(layout.range(of: 1) == 4..<7)
        #expect(try ParameterLayout([ParameterSlice]()).count == 0)
    }

    @Test("flattening takes the listed rows in order")
    func flattened() throws {
        let tree: ParameterTree = [
            "bias": Tensor([20, 21, 22], [3], on: backend),
            "in_proj": Tensor((0..<12).map(Float.init), [6, 2], on: backend),
            "logit_scale": Tensor([4], [], on: backend),
        ]
        #expect(try ParameterLayout([fused, scalar, bias]).flattened(tree) == [8, 9, 10, 11, 4, 20, 21, 22])
    }

    @Test("unflattening leaves the other rows and the other tensors alone")
    func unflattened() throws {
        let tree: ParameterTree = [
            "in_proj": Tensor((0..<12).map(Float.init), [6, 2], on: backend),
            "other": Tensor([5], [1], on: backend),
        ]
        let result = try ParameterLayout([fused, bias]).unflattened([-1, -2, -3, -4, 1, 2, 3], into: tree, on: backend)
        #expect(result["in_proj"]?.floats == [0, 1, 2, 3, 4, 5, 6, 7, -1, -2, -3, -4])
        #expect(result["bias"]?.floats == [1, 2, 3])
        #expect(result["other"]?.floats == [5])
        #expect(tree["in_proj"]?.floats[8] == 8)
    }

    @Test("flat and tree forms are inverse for random layouts", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        let random = RandomGenerator(run: seed, epoch: 0, sample: 0, view: 0)
        func draw(_ slot: Int, below bound: Int) -> Int { Int(random.uniform(at: slot) * Double(bound)) }
        var tree = ParameterTree()
        var slices: [ParameterSlice] = []
        for index in 0..<6 {
            let shape: Shape = [1 + draw(3 * index, below: 5), 1 + draw(3 * index + 1, below: 4)]
            tree["p\(index)"] = Tensor((0..<shape.count).map { Float(100 * index + $0) }, shape, on: backend)
            let cut = draw(3 * index + 2, below: shape[0])
            slices.append(ParameterSlice(path: "p\(index)", shape: shape, rows: cut..<shape[0]))
            if cut > 0 { slices.insert(ParameterSlice(path: "p\(index)", shape: shape, rows: 0..<cut), at: 0) }
        }
        let layout = try ParameterLayout(slices)
        let flat = try layout.flattened(tree)
        let rebuilt = try layout.unflattened(flat, into: ParameterTree(), on: backend)
        #expect(flat.count == layout.count, "seed \(seed)")
        for path in tree.paths { #expect(rebuilt[path]?.floats == tree[path]?.floats, "seed \(seed), \(path)") }
    }

    @Test("a layout and its complement tile the parameters")
    func complement() throws {
        let parameters = [
            Parameter(path: "stem", shape: [2, 2]), Parameter(path: "in_proj", shape: [6, 2]),
            Parameter(path: "bias", shape: [3]),
        ]
        let middle = ParameterSlice(path: "in_proj", shape: [6, 2], rows: 2..<3)
        let rest = try ParameterLayout([bias, fused, middle]).complement(in: parameters)
        #expect(
            rest.slices == [
                ParameterSlice(parameters[0]),
                ParameterSlice(path: "in_proj", shape: [6, 2], rows: 0..<2),
                ParameterSlice(path: "in_proj", shape: [6, 2], rows: 3..<4),
            ]
        )
        #expect(throws: LayersError.missingParameter(path: "logit_scale", expected: [])) {
            try ParameterLayout([scalar]).complement(in: parameters)
        }
    }

    @Test("slices that are empty, outside, doubled or of two shapes are refused")
    func invalid() {
        func layout(_ slices: ParameterSlice...) throws -> ParameterLayout { try ParameterLayout(slices) }
        #expect(throws: LayersError.emptySlice(path: "a")) {
            try layout(ParameterSlice(path: "a", shape: [2], rows: 1..<1))
        }
        #expect(throws: LayersError.sliceOutsideTensor(path: "in_proj", rows: 4..<7, shape: [6, 2])) {
            try layout(ParameterSlice(path: "in_proj", shape: [6, 2], rows: 4..<7))
        }
        #expect(throws: LayersError.overlappingSlices(path: "in_proj", rows: 5..<6)) {
            try layout(fused, ParameterSlice(path: "in_proj", shape: [6, 2], rows: 5..<6))
        }
        #expect(throws: LayersError.wrongShape(path: "in_proj", expected: [6, 2], found: [6, 3])) {
            try layout(fused, ParameterSlice(path: "in_proj", shape: [6, 3], rows: 0..<1))
        }
    }

    @Test("a tree that does not fit is refused by name")
    func misfit() throws {
        let layout = try ParameterLayout([bias])
        #expect(throws: LayersError.missingParameter(path: "bias", expected: nil)) {
            try layout.flattened(ParameterTree())
        }
        #expect(throws: LayersError.wrongShape(path: "bias", expected: [3], found: [4])) {
            try layout.flattened(["bias": .zeros([4], on: backend)])
        }
        #expect(throws: LayersError.wrongLength(expected: 3, found: 2)) {
            try layout.unflattened([1, 2], into: ParameterTree(), on: backend)
        }
        #expect(throws: LayersError.missingParameter(path: "in_proj", expected: nil)) {
            try ParameterLayout([fused]).unflattened([1, 2, 3, 4], into: ParameterTree(), on: backend)
        }
    }

    @Test("the stored form is read back equal")
    func codable() throws {
        let layout = try ParameterLayout([fused, bias, scalar])
        let json = try JSONEncoder().encode(layout)
        #expect(try JSONDecoder().decode(ParameterLayout.self, from: json) == layout)
        #expect(String(decoding: json, as: UTF8.self).contains(#""rows":[4,6]"#))
    }

    @Test(
        "a stored layout that makes no sense is an error, not a crash",
        arguments: [
            #"[{"path": "a", "shape": [2], "rows": [1]}]"#, #"[{"path": "a", "shape": [2], "rows": [2, 1]}]"#,
            #"[{"path": "a", "shape": [-2], "rows": [0, 1]}]"#, #"[{"path": "a", "shape": [2], "rows": [0, 3]}]"#,
            #"[{"path": "a", "shape": [9223372036854775807, 9], "rows": [0, 3]}]"#, #"{"path": "a"}"#,
        ]
    )
    func malformed(json: String) {
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(ParameterLayout.self, from: Data(json.utf8))
        }
    }

    @Test("the digest's input tells rows, shapes and order apart")
    func digestInput() throws {
        let layout = try ParameterLayout([fused, bias])
        let text = "stillhouse layout 1\nin_proj [6, 2] 4..<6\nbias [3] 0..<3\n"
        #expect(String(decoding: layout.digestInput, as: UTF8.self) == text)
        #expect(try ParameterLayout([bias, fused]).digestInput != layout.digestInput)
    }
}
