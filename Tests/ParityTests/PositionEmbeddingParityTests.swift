import Layers
import Tensors
import Testing

@Suite("Parity: position embeddings")
struct PositionEmbeddingParityTests {
    let backend = CPUBackend(threadCount: 1)

    @Test(
        "resized tables equal torch's interpolate, bicubic without antialias",
        arguments: [
            (Grid(rows: 14, columns: 14), Grid(rows: 64, columns: 64)),
            (Grid(rows: 24, columns: 24), Grid(rows: 64, columns: 64)),
            (Grid(rows: 14, columns: 14), Grid(rows: 20, columns: 20)),
            (Grid(rows: 3, columns: 5), Grid(rows: 7, columns: 4)),
        ]
    )
    func resized(native: Grid, target: Grid) throws {
        let fixture = try Fixture("positions")
        let name = "\(native.rows)x\(native.columns)-to-\(target.rows)x\(target.columns)"
        let tree: ParameterTree = ["table": try fixture.tensor("\(name).native", on: backend)]
        let scope = ParameterScope(TreeSource(tree))
        let positions = try PositionEmbedding(scope, name: "table", grid: native, channels: 2)
        let difference = try Difference(positions(target).floats, from: fixture.floats("\(name).resized"))
        print("positions \(name): \(difference)")
        #expect(difference.largestAbsolute < 1e-5)
    }
}
