/// The extents of one packed attention call, and how it is cut into tiles.
///
/// B images, T tokens, H heads of size S; D = H·S; a packed row holds 3·D.
struct AttentionExtents {
    let images: Int
    let tokens: Int
    let heads: Int
    let headSize: Int
    /// Query rows handled together.
    let queryBlock: Int
    /// Keys in one tile of scores. A tile, and backwards two, stays in the L2 cache. Both follow from T alone.
    let keyTile: Int

    init(_ qkv: Shape, headCount: Int) {
        (images, tokens, heads) = (qkv[0], qkv[1], headCount)
        headSize = qkv[2] / 3 / headCount
        queryBlock = Self.even(tokens, atMost: 128)
        keyTile = Self.even(tokens, atMost: 512)
    }

    var width: Int { heads * headSize }
    var rowStride: Int { 3 * width }
    var scale: Float { 1 / Float(headSize).squareRoot() }
    var blockCount: Int { (tokens + queryBlock - 1) / queryBlock }

    func queries(ofBlock block: Int) -> Range<Int> { block * queryBlock..<min((block + 1) * queryBlock, tokens) }

    var keyTiles: [Range<Int>] {
        stride(from: 0, to: tokens, by: keyTile).map { $0..<min($0 + keyTile, tokens) }
    }

    /// Where a head begins in a tensor `[B, T, stride]`.
    func offset(image: Int, head: Int, stride: Int) -> Int { image * tokens * stride + head * headSize }

    /// The largest extent that cuts `count` into as few, nearly equal parts as `largest` allows.
    private static func even(_ count: Int, atMost largest: Int) -> Int {
        let parts = max((count + largest - 1) / largest, 1)
        return max((count + parts - 1) / parts, 1)
    }
}
