package import Tensors

extension MultiHeadAttention {
    /// `[B, T, D]` → `[B, T, D]`: values mixed another way than in training, through the output projection.
    ///
    /// - Parameter bias: `[T, T]`, added to every head's scaled products before the softmax; the result then has no
    ///   history, as nobody trains through it. Needs a mixing with a softmax.
    package func callAsFunction(_ x: Tensor, mixing: AttentionMixing, bias: Tensor? = nil) -> Tensor {
        guard mixing != .identity else { return valuePath(x) }
        let qkv = x.linear(weight: inputWeight, bias: inputBias)  // [B, T, 3D]
        let (query, key, value) = (third(0, of: qkv), third(1, of: qkv), third(2, of: qkv))
        func mixed(_ left: Tensor, _ right: Tensor) -> Tensor {
            if let bias { return biased(left, right, value, by: bias) }
            return Tensor.concatenated([left, right, value], axis: 2).attention(headCount: headCount)
        }
        switch mixing {
        case .identity: return output(value)
        case .queryKey: return output(mixed(query, key))
        case .queryQuery: return output(mixed(query, query))
        case .keyKey: return output(mixed(key, key))
        case .queryQueryAndKeyKey: return output(mixed(query, query) + mixed(key, key))
        }
    }

    /// The keys of all heads one after another, `[B, T, D]` → `[B, T, D]`.
    ///
    /// - Parameter isProjected: whether they go through the output projection, which was made for values.
    package func keys(_ x: Tensor, isProjected: Bool = false) -> Tensor {
        let rows = channels..<2 * channels
        let keys = x.linear(
            weight: inputWeight.sliced(axis: 0, rows),  // [D, D]
            bias: inputBias.sliced(axis: 0, rows)  // [D]
        )
        return isProjected ? output(keys) : keys
    }

    /// Queries, keys or values of `[B, T, 3D]`: `[B, T, D]`.
    private func third(_ index: Int, of qkv: Tensor) -> Tensor {
        qkv.sliced(axis: 2, index * channels..<(index + 1) * channels)
    }

    /// softmax(L·Rᵀ/√S + bias)·V head by head: `[B, T, D]` three times → `[B, T, D]`.
    private func biased(_ left: Tensor, _ right: Tensor, _ value: Tensor, by bias: Tensor) -> Tensor {
        let (images, tokens, size) = (left.shape[0], left.shape[1], channels / headCount)
        precondition(bias.shape == [tokens, tokens], "the bias \(bias.shape) is not one of \(tokens) tokens")
        let scale = Float(1 / Double(size).squareRoot())
        let mixed = (0..<images).map { image in
            let heads = (0..<headCount).map { head in
                func rows(_ x: Tensor) -> Tensor {
                    x.sliced(axis: 0, image..<image + 1)
                        .sliced(axis: 2, head * size..<(head + 1) * size)
                        .detached()
                        .reshaped(to: [tokens, size])
                }
                let scores = rows(left).linear(weight: rows(right)).scaled(by: scale) + bias  // [T, T]
                return scores.softmax().matmul(rows(value))  // [T, S]
            }
            return Tensor.concatenated(heads, axis: 1).reshaped(to: [1, tokens, channels])
        }
        return Tensor.concatenated(mixed, axis: 0)
    }
}
