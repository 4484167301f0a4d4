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
    /// Two sets of keys and shapes that should agree; `source` says whose.
    case mismatch(source: String, MergeReport)
    case unmappable(tensor: String, shape: [Int], reason: String)
    case unknownLayout(keys: [String])
    case unsupportedLayout(name: String)
    case invalidAlpha(Double)
    case frozenTensorDiffers
    case rowsBeyondTensor(rows: Range<Int>, shape: [Int])
    /// Puts a tensor's name before an error that was raised without knowing it.
    indirect case inTensor(String, CheckpointError)
    /// Likewise a file's path.
    indirect case inFile(String, CheckpointError)
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
        case .mismatch(let source, let report):
            "\(source): \(report)\nNothing was loaded. Check that the weights belong to this model and layout."
        case .unmappable(let tensor, let shape, let reason):
            "\(tensor) \(shape): \(reason). Keep these weights in their own layout, or convert with --layout open_clip."
        case .unknownLayout(let keys):
            (keys.isEmpty ? "there are no tensors" : "no known layout has the keys \(keys.joined(separator: ", ")), …")
                + ". Supported: open_clip, open_clip_custom_text, huggingface (CLIPModel), openai."
        case .unsupportedLayout(let name):
            "these weights are in the \(name) layout, which is not supported yet. Use a plain CLIP ViT."
        case .invalidAlpha(let alpha):
            "alpha \(alpha) is not a mixing weight. Give a number from 0 (teacher) to 1 (student)."
        case .frozenTensorDiffers:
            "student and teacher differ in frozen values. Mix a student with the base weights its run started from."
        case .rowsBeyondTensor(let rows, let shape):
            "rows \(rows) are not all in \(shape). The trained slices come from another model: check the run."
        case .inTensor(let name, let error), .inFile(let name, let error):
            "\(name): \(error)"
        }
    }
}
