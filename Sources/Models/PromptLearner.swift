import Layers
package import Tensors

/// Turns learned contexts and class names into one unit vector for each prompt and class, by a frozen text tower.
///
/// A sequence is start of text, N contexts, the name's tokens, a full stop, end of text; positions are added to the whole,
/// and the vector is read at the last token. The tower's weights are constants, so a backward pass computes gradients of
/// inputs alone.
/// - SeeAlso: Zhou et al. 2022 (CoOp), arXiv:2109.01134, section 3.2; MVP-SEG, arXiv:2304.06957.
package struct PromptLearner {
    package let tower: TextTransformer
    /// Names that share a pass through the tower; more are computed again in the backward pass, to bound memory.
    package let nameBatch: Int
    /// Computes what all names of a prompt have in common once. The same vectors up to rounding.
    package let sharesPrefix: Bool

    package init(_ tower: TextTransformer, nameBatch: Int = 64, sharesPrefix: Bool = true) {
        precondition(nameBatch > 0, "a pass has one name at least")
        (self.tower, self.nameBatch, self.sharesPrefix) = (tower, nameBatch, sharesPrefix)
    }

    /// One unit vector for each prompt and name: `[P, N, W]` → `[P, C, E]`.
    ///
    /// - Parameters:
    ///   - contexts: N vectors of the tower's width for each of P prompts.
    ///   - names: made for N contexts and this tower.
    package func features(contexts: Tensor, names: PromptNames) -> Tensor {
        precondition(
            contexts.shape.rank == 3 && contexts.shape[2] == tower.configuration.width,
            "contexts of \(contexts.shape) for a tower of width \(tower.configuration.width)"
        )
        let (prompts, size) = (contexts.shape[0], tower.configuration.embeddingSize)
        guard names.count > 0 else { return Tensor([], [prompts, 0, size], on: contexts.backend) }
        // Names of one length lie together, so that little is computed beyond their ends.
        let order = names.tokens.indices.sorted { (names.tokens[$0].count, $0) < (names.tokens[$1].count, $1) }
        let batches = stride(from: 0, to: order.count, by: nameBatch).map { start in
            order[start..<min(start + nameBatch, order.count)].map { names.tokens[$0] }
        }
        let parts = batches.map { rows in
            batches.count == 1 ? vectors(contexts, rows) : contexts.rematerialized { vectors($0, rows) }
        }
        let sorted = parts.count == 1 ? parts[0] : Tensor.concatenated(parts, axis: 1)  // [P, C, E]
        guard order != Array(order.indices) else { return sorted }
        var place = [Int32](repeating: 0, count: order.count)
        for (sorted, original) in order.enumerated() { place[original] = Int32(sorted) }
        let rows = (0..<prompts).flatMap { prompt in place.map { Int32(prompt * order.count) + $0 } }
        return sorted.reshaped(to: [prompts * order.count, size]).gatheredRows(rows)
            .reshaped(to: [prompts, order.count, size])
    }

    /// `[P, N, W]` and S rows of tokens → `[P, S, E]`, unit vectors.
    private func vectors(_ contexts: Tensor, _ rows: [[Int32]]) -> Tensor {
        let read = sharesPrefix && !tower.blocks.isEmpty ? shared(contexts, rows) : plain(contexts, rows)
        return tower.finalNorm(read).matmul(tower.projection).l2Normalized()
            .reshaped(to: [contexts.shape[0], rows.count, tower.configuration.embeddingSize])
    }

    /// The last tokens behind all blocks, every sequence by itself: `[P·S, W]`.
    private func plain(_ contexts: Tensor, _ rows: [[Int32]]) -> Tensor {
        let (prompts, count, width) = (contexts.shape[0], contexts.shape[1], contexts.shape[2])
        let longest = rows.reduce(0) { max($0, $1.count) }
        let length = 1 + count + longest
        let (words, numbers) = vocabulary(rows)
        let table = Tensor.concatenated([words, contexts.reshaped(to: [prompts * count, width])], axis: 0)
        let wordCount = words.shape[0]
        var places: [Int32] = []
        places.reserveCapacity(prompts * rows.count * length)
        for prompt in 0..<prompts {
            let learned = wordCount + prompt * count
            for row in rows {
                places.append(0)
                places += (learned..<learned + count).map { Int32($0) }
                places += row.map { numbers[$0, default: 0] }
                // Nothing looks at what follows it, so what stands behind the end is of no account.
                places += repeatElement(0, count: longest - row.count)
            }
        }
        var x = table.gatheredRows(places).reshaped(to: [prompts * rows.count, length, width])
            .adding(positions: tower.positions.sliced(axis: 0, 0..<length))
        x = tower.blocks.dropLast().reduce(x) { $1($0) }
        let ends = ends(of: rows, prompts: prompts, length: length, before: 1 + count)
        return tower.blocks.last.map { $0(x, atRows: ends) }
            ?? x.reshaped(to: [prompts * rows.count * length, width]).gatheredRows(ends)
    }

    /// The same with start and contexts of a prompt computed once for all names.
    private func shared(_ contexts: Tensor, _ rows: [[Int32]]) -> Tensor {
        let (prompts, count, width) = (contexts.shape[0], contexts.shape[1], contexts.shape[2])
        let longest = rows.reduce(0) { max($0, $1.count) }
        let (words, numbers) = vocabulary(rows)
        let start = Tensor.concatenated(
            Array(repeating: words.sliced(axis: 0, 0..<1).reshaped(to: [1, 1, width]), count: prompts),
            axis: 0
        )
        var prefix = Tensor.concatenated([start, contexts], axis: 1)  // [P, 1 + N, W]
            .adding(positions: tower.positions.sliced(axis: 0, 0..<1 + count))
        var places: [Int32] = []
        for row in rows {
            places += row.map { numbers[$0, default: 0] }
            places += repeatElement(0, count: longest - row.count)
        }
        let all = (0..<prompts).flatMap { _ in places }
        var suffix = words.gatheredRows(all).reshaped(to: [prompts * rows.count, longest, width])
            .adding(positions: tower.positions.sliced(axis: 0, 1 + count..<1 + count + longest))
        for block in tower.blocks.dropLast() { (prefix, suffix) = block(prefix: prefix, suffix: suffix) }
        let ends = ends(of: rows, prompts: prompts, length: longest, before: 0)
        return tower.blocks[tower.blocks.count - 1](prefix: prefix, suffix: suffix, atRows: ends)
    }

    /// The tokens in use, the start of text first: their rows of the tower's table, and each one's place among them.
    private func vocabulary(_ rows: [[Int32]]) -> (rows: Tensor, places: [Int32: Int32]) {
        var tokens = [CLIPTokenizer.startOfText]
        var places: [Int32: Int32] = [CLIPTokenizer.startOfText: 0]
        for token in rows.joined() where places[token] == nil {
            places[token] = Int32(tokens.count)
            tokens.append(token)
        }
        return (tower.tokenEmbedding.detached().gatheredRows(tokens), places)
    }

    /// Where each sequence's last token lies among all tokens.
    private func ends(of rows: [[Int32]], prompts: Int, length: Int, before: Int) -> [Int32] {
        (0..<prompts * rows.count).map { index in
            Int32(index * length + before + rows[index % rows.count].count - 1)
        }
    }
}
