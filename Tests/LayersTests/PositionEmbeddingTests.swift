import Layers
import Tensors
import Testing

/// Local views have a smaller grid than the table of positions was learnt on.
@Suite("Position embedding")
struct PositionEmbeddingTests {
    private let backend = CPUBackend(threadCount: 1)

    /// Cubic convolution with a = −0.75, half-pixel centres, clamped borders and no antialias, in double precision.
    private static let ramps: [(source: [Float], expected: [Float])] = [
        ((0..<16).map { Float($0) }, [0.769676, 3.5, 6.212963, 8.787037, 11.5, 14.230324]),
        ((0..<16).map { Float($0 * $0) }, [0.596065, 12.125, 38.560185, 77.171296, 132.125, 202.505787]),
        ((0..<8).map { Float($0) }, [0.40625, 2.5, 4.5, 6.59375]),
    ]

    @Test("published ramps come out along rows and along columns", arguments: [0, 1, 2])
    func ramps(index: Int) {
        let (source, expected) = Self.ramps[index]
        let (from, to) = (source.count, expected.count)
        // [from · from, 1]: values change along one axis, and are constant along the other.
        let across = Tensor((0..<from).flatMap { _ in source }, [from * from, 1], on: backend)
        let down = Tensor(source.flatMap { [Float](repeating: $0, count: from) }, [from * from, 1], on: backend)
        let (wide, tall) = ((0..<to).flatMap { _ in expected }, expected.flatMap { [Float](repeating: $0, count: to) })
        expectNear(across.bicubicResized(from: (from, from), to: (to, to)).floats, wide)
        expectNear(down.bicubicResized(from: (from, from), to: (to, to)).floats, tall)
    }

    @Test("a smaller grid resamples the patches' rows and leaves the class token's alone")
    func smallerGrid() throws {
        let ramp = (0..<16).flatMap { row in (0..<16).map { column in Float(row * 16 + column) } }
        let table = Tensor([-7] + ramp, [257, 1], on: backend)
        let tree: ParameterTree = ["positions": table]
        let positions = try PositionEmbedding(
            ParameterScope(TreeSource(tree)),
            name: "positions",
            grid: Grid(rows: 16, columns: 16),
            channels: 1
        )
        let resampled = positions(Grid(rows: 6, columns: 6)).floats
        let line = Self.ramps[0].expected
        expectNear(resampled, [-7] + line.flatMap { row in line.map { column in row * 16 + column } })
        #expect(positions(Grid(rows: 16, columns: 16)).floats == table.floats)
    }

    /// To the six places that were published, and Float32.
    private func expectNear(_ values: [Float], _ expected: [Float]) {
        #expect(values.count == expected.count)
        for (value, expected) in zip(values, expected) {
            #expect(abs(value - expected) <= 1e-6 * max(1, abs(expected)), "\(value) instead of \(expected)")
        }
    }
}
