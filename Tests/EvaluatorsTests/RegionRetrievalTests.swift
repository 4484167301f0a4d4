import Evaluators
import Tensors
import Testing

@Suite("Retrieval of crops by regions")
struct RegionRetrievalTests {
    private let backend = CPUBackend(threadCount: 1)

    @Test("a query is right when its own row is the nearest of the whole gallery")
    func hits() {
        let gallery: [Float] = [1, 0, 0, 1, 0.6, 0.8]
        let queries: [Float] = [0.8, 0.6, 0, 1, 0.28, 0.96]
        // Cosines: query 0 with 1, 0.6, 0.96: right (0.8 < 0.96 would be row 2). Query 2 is nearest to row 1.
        #expect(RegionRetrieval.hits(queries: queries, gallery: gallery, size: 2, on: backend) == 1)
        #expect(RegionRetrieval.hits(queries: gallery, gallery: gallery, size: 2, on: backend) == 3)
    }

    @Test("of crops exactly alike the first counts")
    func ties() {
        let gallery: [Float] = [1, 0, 1, 0]
        #expect(RegionRetrieval.hits(queries: gallery, gallery: gallery, size: 2, on: backend) == 1)
    }

    @Test("sets larger than a chunk are searched whole")
    func chunks() {
        let count = 600
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        let gallery = (0..<count).flatMap { row in
            let vector = (0..<16).map { Float(noise.normal(at: row * 16 + $0)) }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
        #expect(RegionRetrieval.hits(queries: gallery, gallery: gallery, size: 16, on: backend) == count)
        let shifted = Array(gallery[16...] + gallery[..<16])
        #expect(RegionRetrieval.hits(queries: shifted, gallery: gallery, size: 16, on: backend) == 0)
    }
}
