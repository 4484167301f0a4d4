import Foundation
import OrderedCollections

/// What `weights diff` prints: the tensors that differ, by how much, and those that only one side has.
package struct CheckpointComparison: Sendable, Hashable, Codable {
    /// Every tensor that both sides have in one shape, in the left side's order.
    package let tensors: [TensorComparison]
    /// Keys that only the left side has.
    package let onlyLeft: [String]
    package let onlyRight: [String]
    /// Keys whose shapes differ.
    package let otherShape: [String]
    /// True when both sides hold the same keys, types, shapes and bytes; metadata do not count.
    package let isIdentical: Bool
    private let report: String

    /// Compares tensor by tensor, holding one pair at a time.
    package init(_ left: some TensorSource, _ right: some TensorSource) throws(CheckpointError) {
        let (leftSignatures, rightSignatures) = (left.signatures, right.signatures)
        let report = MergeReport(
            expected: leftSignatures.mapValues(\.shape),
            found: rightSignatures.mapValues(\.shape)
        )
        var tensors: [TensorComparison] = []
        for (name, signature) in leftSignatures where rightSignatures[name]?.shape == signature.shape {
            let pair = (try left.tensor(named: name), try right.tensor(named: name))
            tensors.append(TensorComparison(name: name, pair.0, pair.1))
        }
        self.tensors = tensors
        self.onlyLeft = report.missing.map(\.key)
        self.onlyRight = report.surplus.map(\.key)
        self.otherShape = report.mismatched.map(\.key)
        self.isIdentical = report.isExact && tensors.allSatisfy(\.isIdentical)
        self.report = report.isExact ? "" : "right side against left: \(report)"
    }

    enum CodingKeys: String, CodingKey {
        case tensors, report
        case onlyLeft = "only_left"
        case onlyRight = "only_right"
        case otherShape = "other_shape"
        case isIdentical = "identical"
    }
}

extension CheckpointComparison: CustomStringConvertible {
    /// A verdict, the one-sided keys, and a table of what differs, greatest absolute difference first.
    package var description: String {
        let different = tensors.filter { !$0.isIdentical }
        let count = "\(tensors.count - different.count) of \(tensors.count) common tensors identical"
        let verdict = isIdentical ? "identical: \(count)" : "different: \(count)"
        var table = TextTable(["tensor", "shape", "max abs", "rel L2", "cosine"], rightAligned: [2, 3, 4])
        table.rows =
            different
            .sorted { ($0.maximumAbsolute ?? .infinity) > ($1.maximumAbsolute ?? .infinity) }
            .map { tensor in
                let numbers = [tensor.maximumAbsolute, tensor.relativeL2].map { $0.map(Self.short) ?? "n/a" }
                let cosine = tensor.cosine.map { String(format: "%.8f", $0) } ?? "n/a"
                return [tensor.name, "\(tensor.shape)"] + numbers + [cosine]
            }
        let parts = [verdict, report, different.isEmpty ? "" : table.description]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func short(_ value: Double) -> String { String(format: "%.3e", value) }
}
