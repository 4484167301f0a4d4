import Foundation
package import Tensors

/// Softmax and cross entropy.
extension ReferenceBackend {
    package func softmax(_ x: TensorValue, minus row: TensorValue?, scaledBy factor: Double) -> TensorValue {
        let subtracted = row?.doubles
        let result = rows(x).flatMap { numbers in
            Self.softmax(numbers.enumerated().map { factor * ($1 - (subtracted?[$0] ?? 0)) })
        }
        return value(x.shape) { result[$0] }
    }

    package func crossEntropy(_ x: TensorValue, to targets: TensorValue, scaledBy factor: Double)
        -> (losses: TensorValue, logSum: TensorValue)
    {
        let (all, wanted) = (rows(x), rows(targets))
        let perTarget = all.count / wanted.count
        let logSums = all.map { row -> Double in
            let top = row.map { factor * $0 }.max() ?? 0
            return top + log(row.reduce(0) { $0 + exp(factor * $1 - top) })
        }
        let losses = all.indices.map { r in
            zip(wanted[r / perTarget], all[r]).reduce(0) { $0 + $1.0 * (logSums[r] - factor * $1.1) }
        }
        return (value([all.count]) { losses[$0] }, value([all.count]) { logSums[$0] })
    }

    package func crossEntropyVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        to targets: TensorValue,
        logSum: TensorValue,
        scaledBy factor: Double
    ) -> TensorValue {
        let (all, wanted, up) = (rows(x), rows(targets), gradient.doubles)
        let (perTarget, columns) = (all.count / wanted.count, x.shape[-1])
        let shares = all.map { Self.softmax($0.map { factor * $0 }) }
        return value(x.shape) { flat in
            let (r, c) = flat.quotientAndRemainder(dividingBy: columns)
            return up[r] * factor * (shares[r][c] - wanted[r / perTarget][c])
        }
    }

    private static func softmax(_ row: [Double]) -> [Double] {
        let top = row.max() ?? 0
        let powers = row.map { exp($0 - top) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}
