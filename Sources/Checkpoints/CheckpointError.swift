/// Why weights could not be read, written, mapped or mixed; each case names the object, and the text the next step.
package enum CheckpointError: Error, Sendable, Hashable {
    /// The operating system refused; `reason` is its own words.
    case unreadable(file: String, reason: String)
    case unwritable(file: String, reason: String)
    case notARegularFile(file: String)
    /// A directory without, or with more than one, file that could be meant.
    case noCheckpoint(directory: String, found: [String])
    case malformed(file: String, tensor: String?, defect: SafetensorsDefect)
    case malformedIndex(file: String, entry: String?, reason: String)
    case noSuchTensor(file: String, tensor: String)
    case duplicateTensor(tensor: String, files: [String])
    case wrongByteCount(dtype: CheckpointTensor.DType, shape: [Int], found: Int)
    /// A value that fp32 cannot represent, where exactness was promised.
    case notExact(dtype: CheckpointTensor.DType, value: String)
    case beyondRange(dtype: CheckpointTensor.DType, value: Float)
    /// Puts a tensor's name before an error that was raised without knowing it.
    indirect case inTensor(String, CheckpointError)
}

extension CheckpointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read (\(reason)). Check the path and its permissions."
        case .unwritable(let file, let reason):
            "\(file): cannot be written (\(reason)). Check the directory, its permissions and the free space."
        case .notARegularFile(let file):
            "\(file): is not a regular file. Name a .safetensors file, an .index.json or a directory that holds one."
        case .noCheckpoint(let directory, let found):
            found.isEmpty
                ? "\(directory): holds no safetensors file. Name the file itself."
                : "\(directory): holds several (\(found.joined(separator: ", "))). Name the one you mean."
        case .malformed(let file, let tensor, let defect):
            "\(file): \(tensor.map { "\($0): " } ?? "")\(defect.cause). \(defect.nextStep)"
        case .malformedIndex(let file, let entry, let reason):
            "\(file): \(entry.map { "\($0): " } ?? "")\(reason). Fetch the index and its shards again, as one set."
        case .noSuchTensor(let file, let tensor):
            "\(file): has no tensor \(tensor). `stillhouse weights inspect` lists what it has."
        case .duplicateTensor(let tensor, let files):
            "\(tensor): stands in both \(files.joined(separator: " and ")). Remove the stale file."
        case .wrongByteCount(let dtype, let shape, let found):
            "\(dtype.rawValue) \(shape) needs \(dtype.byteCount(of: shape).map(String.init) ?? "too many") bytes, "
                + "found \(found). The source of these bytes is damaged: fetch it again."
        case .notExact(let dtype, let value):
            "\(dtype.rawValue) value \(value) has no exact fp32 equal. Store the tensor as F32 if rounding is intended."
        case .beyondRange(let dtype, let value):
            "\(value) is beyond the range of \(dtype.rawValue). Use bf16 or fp32 instead."
        case .inTensor(let tensor, let error):
            "\(tensor): \(error)"
        }
    }
}
