package import Tensors

/// Gives uncertain places the classes of places that look like them, by the last block's keys.
///
/// - SeeAlso: Zhou et al. 2022 (MaskCLIP), arXiv:2112.01071, section 3.3.
package enum KeySmoothing: String, CaseIterable, Codable, Sendable {
    /// As MaskCLIP's code does it: keys go through the output projection, and each channel is normalised over the places, so
    /// weights are no cosines, and rows do not sum to 1.
    case reference
    /// Raw keys, cosines of pairs of places, negative ones left out, rows that sum to 1.
    case cosine

    /// Whether keys go through the output projection first.
    package var projectsKeys: Bool { self == .reference }

    /// How much each place listens to each other, `[N, N]`.
    ///
    /// - Parameter keys: `[N, D]`; rows of zeros, such as a padding's, are listened to by nobody.
    package func weights(_ keys: Tensor) -> Tensor {
        switch self {
        case .reference:
            // Channels as rows, so that normalising rows normalises each channel over the places.
            let places = Self.transposed(Self.transposed(keys).l2Normalized())
            return places.linear(weight: places)
        case .cosine:
            let unit = keys.l2Normalized()
            let cosines = unit.linear(weight: unit)
            let count = cosines.shape[0]
            return Tensor(cosines.shape, on: keys.backend) { values in
                cosines.withUnsafeFloats { cosines in
                    for row in 0..<count {
                        let places = row * count..<(row + 1) * count
                        let sum = places.reduce(Float(0)) { $0 + max(cosines[$1], 0) }
                        for place in places { values[place] = sum > 0 ? max(cosines[place], 0) / sum : 0 }
                    }
                }
            }
        }
    }

    /// Probabilities with those of uncertain places replaced, `[C][N]`.
    ///
    /// - Parameter threshold: a place is certain from this probability of its best class on; 1, as MaskCLIP ships it, replaces
    ///   practically all.
    package func smoothed(_ probabilities: [[Double]], keys: Tensor, threshold: Double = 1) -> [[Float]] {
        let (classes, places) = (probabilities.count, keys.shape[0])
        let table = Tensor(probabilities.flatMap { $0.map { Float($0) } }, [classes, places], on: keys.backend)
        let mixed = table.linear(weight: weights(keys)).floats  // [C, N]·[N, N]ᵀ
        let best = (0..<places).map { place in probabilities.map { $0[place] }.max() ?? 0 }
        return probabilities.indices.map { id in
            (0..<places).map { best[$0] < threshold ? mixed[id * places + $0] : Float(probabilities[id][$0]) }
        }
    }

    private static func transposed(_ matrix: Tensor) -> Tensor {
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        return Tensor([columns, rows], on: matrix.backend) { values in
            matrix.withUnsafeFloats { source in
                for row in 0..<rows {
                    for column in 0..<columns { values[column * rows + row] = source[row * columns + column] }
                }
            }
        }
    }
}
