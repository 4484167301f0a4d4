import Evaluators
import Tensors
import TestSupport
import Testing

@Suite("Ranks of retrieval")
struct RetrievalRanksTests {
    private let backend = CPUBackend(threadCount: 1)

    @Test("a rank counts the foreign rows ahead of the best own one")
    func handComputed() {
        // Cosines of query 0: 1, 0, 0.6, 0.8; of query 1: 0, 1, 0.8, 0.6.
        let gallery: [Float] = [1, 0, 0, 1, 0.6, 0.8, 0.8, 0.6]
        let queries: [Float] = [1, 0, 0, 1]
        func ranks(_ own: [[Int]]) -> [Int?] {
            RetrievalRanks.ranks(queries: queries, gallery: gallery, own: own, size: 2, on: backend)
        }
        #expect(ranks([[0], [1]]) == [1, 1])
        #expect(ranks([[1], [0]]) == [4, 4])
        #expect(ranks([[2], [2]]) == [3, 2])
        #expect(ranks([[2, 3], [0, 1]]) == [2, 1])  // own rows never stand before each other
        #expect(ranks([[0, 1, 2, 3], [0, 2, 3]]) == [1, 2])
    }

    @Test("a foreign row exactly as near stands before the own one")
    func ties() {
        let alike: [Float] = [1, 0, 1, 0, 1, 0]
        let ranks = RetrievalRanks.ranks(
            queries: alike,
            gallery: alike,
            own: [[0], [1], [0, 2]],
            size: 2,
            on: backend
        )
        #expect(ranks == [3, 3, 2])
    }

    @Test("a score that is no number is never the right one, and stands before all others")
    func notNumbers() {
        let gallery: [Float] = [1, 0, .nan, 0]
        let ranks = RetrievalRanks.ranks(
            queries: [1, 0, 1, 0, .nan, 0],
            gallery: gallery,
            own: [[0], [1], [0]],
            size: 2,
            on: backend
        )
        #expect(ranks == [2, nil, nil])
    }

    @Test("random features in blocks of any size have the ranks of a plain sort", arguments: [1, 7, 64, 1000])
    func oracle(block: Int) {
        let (images, size) = (61, 12)
        let counts = (0..<images).map { 1 + $0 * 7 % 6 }
        let noise = RandomGenerator(run: 5, epoch: 0, sample: 0, view: 0)
        func unit(_ row: Int) -> [Float] {
            let vector = (0..<size).map { Float(noise.normal(at: row * size + $0)) }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
        let pictures = (0..<images).map(unit)
        // Every third caption is its picture's very vector, every seventh that of its neighbour's: exact ties.
        var (captions, owners): ([[Float]], [Int]) = ([], [])
        for (image, count) in counts.enumerated() {
            for _ in 0..<count {
                let row = captions.count
                captions.append(
                    row % 3 == 0 ? pictures[image] : row % 7 == 0 ? pictures[(image + 1) % images] : unit(1000 + row)
                )
                owners.append(image)
            }
        }
        let own = (0..<images).map { image in owners.indices.filter { owners[$0] == image } }
        func product(_ left: [Float], _ right: [Float]) -> Float {
            let sum = Tensor(left, [1, size], on: backend).linear(weight: Tensor(right, [1, size], on: backend))
            return sum.floats[0]
        }
        let scores = pictures.map { picture in captions.map { product(picture, $0) } }
        let imageRanks = pictures.indices.map { image -> Int? in
            let order = captions.indices.sorted { left, right in
                let (a, b) = (scores[image][left], scores[image][right])
                return a != b ? a > b : owners[left] != image && owners[right] == image
            }
            return order.filter { owners[$0] != image || $0 == order.first { owners[$0] == image } }
                .firstIndex { owners[$0] == image }.map { $0 + 1 }
        }
        let captionRanks = captions.indices.map { caption -> Int? in
            let own = scores[owners[caption]][caption]
            return 1 + pictures.indices.count { $0 != owners[caption] && scores[$0][caption] >= own }
        }
        let (left, right) = (pictures.flatMap(\.self), captions.flatMap(\.self))
        #expect(
            RetrievalRanks.ranks(queries: left, gallery: right, own: own, size: size, block: block, on: backend)
                == imageRanks
        )
        let found = RetrievalRanks.ranks(
            queries: right,
            gallery: left,
            own: owners.map { [$0] },
            size: size,
            block: block,
            on: backend
        )
        #expect(found == captionRanks)
        #expect(Set(imageRanks.compactMap { $0 }).count > 3 && captionRanks.contains(2))
    }

    @Test("recalls are shares of the queries, the median is of all ranks")
    func recalls() {
        let recall = RetrievalEvaluation.Recall(ranks: [1, 2, 5, 6, 10, 11, nil, 1], gallerySize: 40)
        #expect((recall.queries, recall.r1, recall.r5, recall.r10) == (8, 0.25, 0.5, 0.75))
        #expect(recall.medianRank == 5.5)  // 1 1 2 5 6 10 11 40
        #expect(RetrievalEvaluation.Recall(ranks: [3, 9, 4], gallerySize: 9).medianRank == 4)
    }
}
