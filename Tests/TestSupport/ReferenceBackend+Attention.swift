import Foundation
package import Tensors

extension ReferenceBackend {
    package func attention(
        _ qkv: TensorValue,
        headCount: Int,
        isCausal: Bool
    ) -> (y: TensorValue, logSum: TensorValue) {
        let heads = PackedHeads(qkv, headCount: headCount, isCausal: isCausal)
        var y = [Double](repeating: 0, count: heads.images * heads.tokens * heads.width)
        var sums: [Double] = []
        for image in 0..<heads.images {
            for head in 0..<headCount {
                for query in 0..<heads.tokens {
                    let scores = heads.scores(image, head, query)
                    let top = scores.max() ?? 0
                    let total = scores.reduce(0) { $0 + exp($1 - top) }
                    sums.append(top + log(total))
                    for (key, score) in scores.enumerated() {
                        for c in 0..<heads.size {
                            y[heads.plain(image, head, query, c)] +=
                                exp(score - top) / total * heads.packed(2, image, head, key, c)
                        }
                    }
                }
            }
        }
        return (
            value(y, [heads.images, heads.tokens, heads.width]), value(sums, [heads.images, headCount, heads.tokens])
        )
    }

    package func attentionVJP(
        _ gradient: TensorValue,
        qkv: TensorValue,
        y: TensorValue,
        logSum: TensorValue,
        headCount: Int,
        isCausal: Bool
    ) -> TensorValue {
        let heads = PackedHeads(qkv, headCount: headCount, isCausal: isCausal)
        let (up, out) = (gradient.doubles, y.doubles)
        let scale = 1 / Double(heads.size).squareRoot()
        var dqkv = [Double](repeating: 0, count: qkv.count)
        for image in 0..<heads.images {
            for head in 0..<headCount {
                for query in 0..<heads.tokens {
                    let scores = heads.scores(image, head, query)
                    let top = scores.max() ?? 0
                    let total = scores.reduce(0) { $0 + exp($1 - top) }
                    let cells = (0..<heads.size).map { heads.plain(image, head, query, $0) }
                    let delta = cells.reduce(0) { $0 + up[$1] * out[$1] }
                    for (key, score) in scores.enumerated() {
                        let probability = exp(score - top) / total
                        let dprobability = (0..<heads.size).reduce(0) {
                            $0 + up[cells[$1]] * heads.packed(2, image, head, key, $1)
                        }
                        let dscore = probability * (dprobability - delta) * scale
                        for c in 0..<heads.size {
                            dqkv[heads.index(0, image, head, query, c)] += dscore * heads.packed(1, image, head, key, c)
                            dqkv[heads.index(1, image, head, key, c)] += dscore * heads.packed(0, image, head, query, c)
                            dqkv[heads.index(2, image, head, key, c)] += probability * up[cells[c]]
                        }
                    }
                }
            }
        }
        return value(dqkv, qkv.shape)
    }
}

/// Index arithmetic over `[B, T, 3·D]` (thirds: query, key, value) and `[B, T, D]`.
private struct PackedHeads {
    let images: Int
    let tokens: Int
    let width: Int
    let size: Int
    let isCausal: Bool
    let numbers: [Double]

    init(_ qkv: TensorValue, headCount: Int, isCausal: Bool) {
        (images, tokens, width) = (qkv.shape[0], qkv.shape[1], qkv.shape[2] / 3)
        size = width / headCount
        self.isCausal = isCausal
        numbers = qkv.doubles
    }

    func index(_ third: Int, _ image: Int, _ head: Int, _ token: Int, _ c: Int) -> Int {
        (image * tokens + token) * 3 * width + third * width + head * size + c
    }

    func packed(_ third: Int, _ image: Int, _ head: Int, _ token: Int, _ c: Int) -> Double {
        numbers[index(third, image, head, token, c)]
    }

    func plain(_ image: Int, _ head: Int, _ token: Int, _ c: Int) -> Int {
        (image * tokens + token) * width + head * size + c
    }

    /// The scores of all keys that the query looks at.
    func scores(_ image: Int, _ head: Int, _ query: Int) -> [Double] {
        (0..<(isCausal ? query + 1 : tokens)).map { key in
            (0..<size).reduce(0) {
                $0 + packed(0, image, head, query, $1) * packed(1, image, head, key, $1)
            } / Double(size).squareRoot()
        }
    }
}
