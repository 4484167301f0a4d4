import Tensors
import Testing

@Suite("RoIAlign against the formulas in double precision, checked against torchvision")
struct RoIAlignParityTests {
    @Test("pooled features and the gradient of the map agree, for boxes inside, on the border, outside and empty")
    func roiAlign() throws {
        let backend = CPUBackend(threadCount: 2)
        let fixture = try Fixture("clipself-roi-align")
        let rows = try #require(Int(fixture.metadata("rows")))
        let columns = try #require(Int(fixture.metadata("columns")))
        let edges = try fixture.floats("boxes")
        let regions = try fixture.floats("owners").enumerated().map { index, owner in
            RegionOfInterest(
                imageIndex: Int(owner),
                x0: edges[4 * index],
                y0: edges[4 * index + 1],
                x1: edges[4 * index + 2],
                y1: edges[4 * index + 3]
            )
        }
        let features = try fixture.tensor("features", on: backend).asVariable()
        let pooled = features.roiAligned(regions, rows: rows, columns: columns)
        let forward = try Difference(pooled.floats, from: fixture.floats("pooled"))
        let total = try (pooled * fixture.tensor("cotangent", on: backend)).sum()
        let gradient = try #require(total.gradients(of: [features]).first)
        let backward = try Difference(gradient.floats, from: fixture.floats("gradient"))
        print("RoIAlign forward: \(forward)\nRoIAlign backward: \(backward)")
        #expect(forward.largestAbsolute < 1e-5)
        #expect(backward.largestAbsolute < 1e-5)
    }
}
