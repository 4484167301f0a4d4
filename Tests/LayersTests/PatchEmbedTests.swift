import Layers
import Tensors
import Testing

@Suite("PatchEmbed and PositionEmbedding")
struct PatchEmbedTests {
    let backend = CPUBackend(threadCount: 1)

    @Test("patches are projected like a convolution whose stride is its kernel")
    func convolution() throws {
        let embed = try PatchEmbed(
            ParameterScope(InitializingSource(seed: 1, on: backend)),
            channels: 3,
            patchSize: 2
        )
        let (height, width) = (4, 6)
        let random = RandomGenerator(run: 2, epoch: 0, sample: 0, view: 0)
        let pixels = (0..<2 * 3 * height * width).map { Float(random.normal(at: $0)) }
        let found = embed(Tensor(pixels, [2, 3, height, width], on: backend))
        let kernel = embed.weight.floats
        #expect(found.shape == [2, 6, 3])
        let values = found.floats
        for image in 0..<2 {
            for patch in 0..<6 {
                for output in 0..<3 {
                    var sum: Float = 0
                    for input in 0..<3 {
                        for y in 0..<2 {
                            for x in 0..<2 {
                                let row = patch / 3 * 2 + y
                                let column = patch % 3 * 2 + x
                                sum +=
                                    kernel[((output * 3 + input) * 2 + y) * 2 + x]
                                    * pixels[((image * 3 + input) * height + row) * width + column]
                            }
                        }
                    }
                    #expect(abs(values[(image * 6 + patch) * 3 + output] - sum) < 1e-5)
                }
            }
        }
    }

    func positions(variable: Bool = false) throws -> PositionEmbedding {
        let shape: Shape = [7, 4]
        let random = RandomGenerator(run: 3, epoch: 0, sample: 0, view: 0)
        let table = Tensor((0..<28).map { Float(random.normal(at: $0)) }, shape, on: backend)
        let tree: ParameterTree = ["p": variable ? table.asVariable() : table]
        return try PositionEmbedding(
            ParameterScope(TreeSource(tree)),
            name: "p",
            grid: Grid(rows: 2, columns: 3),
            channels: 4
        )
    }

    @Test("the native grid gets the table as it is")
    func native() throws {
        let positions = try positions()
        #expect(positions(Grid(rows: 2, columns: 3)).floats == positions.weight.floats)
    }

    @Test("another grid keeps the class token's row and resizes the rest")
    func resized() throws {
        let positions = try positions()
        let table = positions(Grid(rows: 5, columns: 4))
        #expect(table.shape == [21, 4])
        #expect(Array(table.floats[..<4]) == Array(positions.weight.floats[..<4]))
        // A grid of as many patches in another arrangement is another grid.
        let turned = positions(Grid(rows: 3, columns: 2))
        #expect(turned.shape == [7, 4])
        #expect(turned.floats != positions.weight.floats)
    }

    @Test("a resized table is computed once a grid")
    func cached() throws {
        let positions = try positions()
        let grid = Grid(rows: 4, columns: 4)
        #expect(positions(grid).value.storage === positions(grid).value.storage)
        #expect(positions(grid).value.storage !== positions(Grid(rows: 4, columns: 5)).value.storage)
    }

    @Test("trained positions receive gradients at every grid and every step")
    func trained() throws {
        let positions = try positions(variable: true)
        for _ in 0..<2 {
            let loss = positions(Grid(rows: 4, columns: 6)).sum()
            let gradient = loss.gradients(of: [positions.weight])[0].floats
            // Bicubic weights sum to 1 per output, so 24 outputs and the class row reach the table whole.
            #expect(abs(gradient.reduce(0, +) - 25 * 4) < 1e-3)
            #expect(Array(gradient[..<4]) == [1, 1, 1, 1])
        }
    }
}
