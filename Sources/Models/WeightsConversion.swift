package import Checkpoints
import OrderedCollections

/// `weights convert`: one layout into another, through native keys, with an optional cast.
package struct WeightsConversion: Sendable, Hashable, Codable {
    package let input: String
    package let inputLayout: CheckpointLayout
    /// The files written; with shards, the index last.
    package let output: [String]
    package let outputLayout: CheckpointLayout
    package let tensorCount: Int
    package let parameterCount: Int
    /// Input keys left behind because they hold nothing trained.
    package let ignored: [String]
    /// Content digest of what was written, independent of sharding.
    package let contentSHA256: Digest

    /// Reads `input`, writes `output` and says what it did. Metadata are carried over.
    ///
    /// - Parameter dtype: cast all floating-point tensors to this type; nil keeps each as it is.
    /// - Parameter maximumShardByteCount: split the output into shards of at most this size; nil writes one file.
    /// - Throws: `CheckpointError`; nothing is written unless everything could be converted.
    package init(
        of input: String,
        to output: String,
        layout: CheckpointLayout,
        dtype: CheckpointTensor.DType? = nil,
        maximumShardByteCount: Int? = nil
    ) throws(CheckpointError) {
        let source: Checkpoint.Native
        var converted: Checkpoint
        do throws(CheckpointError) {
            source = try Checkpoint.read(input).native()
            converted = try source.checkpoint.laidOut(as: layout)
            if let dtype { converted = try converted.converted(to: dtype) }
        } catch {
            throw .inFile(input, error)
        }
        self.output = try converted.write(to: output, maximumShardByteCount: maximumShardByteCount)
        self.input = input
        inputLayout = source.layout
        outputLayout = layout
        tensorCount = converted.tensors.count
        parameterCount = converted.parameterCount
        ignored = source.ignored
        contentSHA256 = try converted.contentDigest()
    }

    enum CodingKeys: String, CodingKey {
        case input, output, ignored
        case inputLayout = "input_layout"
        case outputLayout = "output_layout"
        case tensorCount = "tensor_count"
        case parameterCount = "parameter_count"
        case contentSHA256 = "content_sha256"
    }
}

extension WeightsConversion: CustomStringConvertible {
    package var description: String {
        var lines = [
            "\(input) (\(inputLayout.rawValue)) -> \(output.last ?? "") (\(outputLayout.rawValue))",
            "\(tensorCount) tensors, \(parameterCount) parameters, content sha256 \(contentSHA256)",
        ]
        if !ignored.isEmpty { lines.append("left out, nothing trained in them: \(ignored.joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }
}
