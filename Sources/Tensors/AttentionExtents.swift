import CKernels

/// The extents of one packed attention call, and how it is cut into tasks.
///
/// B images, T tokens, H heads of size S; D = H·S; a packed row holds 3·D.
struct AttentionExtents {
    let images: Int
    let tokens: Int
    let heads: Int
    let headSize: Int
    /// Whether a token looks at itself and those before it only.
    let isCausal: Bool
    /// Query rows of one task forwards, keys of one task backwards. Both follow from T alone: long enough to repay the
    /// laying out of the other side, short enough that few heads occupy many threads.
    let queryShare: Int
    let keyShare: Int

    init(_ qkv: Shape, headCount: Int, isCausal: Bool) {
        (images, tokens, heads, self.isCausal) = (qkv[0], qkv[1], headCount, isCausal)
        headSize = qkv[2] / 3 / headCount
        queryShare = Self.even(tokens, atMost: 512)
        keyShare = Self.even(tokens, atMost: 1024)
    }

    var width: Int { heads * headSize }
    var rowStride: Int { 3 * width }
    var headCount: Int { images * heads }

    /// One head as the kernels see it.
    var head: kernel_attention_head {
        kernel_attention_head(
            tokens: tokens,
            size: headSize,
            width: width,
            stride: rowStride,
            causal: isCausal
        )
    }

    /// Equal shares of the tokens, the last perhaps shorter.
    func shares(of share: Int) -> [Range<Int>] {
        stride(from: 0, to: tokens, by: share).map { $0..<min($0 + share, tokens) }
    }

    /// Where the n-th head of all images begins in a tensor `[B, T, stride]`.
    func offset(ofHead index: Int, stride: Int) -> Int {
        let (image, head) = index.quotientAndRemainder(dividingBy: heads)
        return image * tokens * stride + head * headSize
    }

    /// The largest extent that cuts `count` into as few, nearly equal parts as `largest` allows.
    private static func even(_ count: Int, atMost largest: Int) -> Int {
        let parts = max((count + largest - 1) / largest, 1)
        return max((count + parts - 1) / parts, 1)
    }
}
