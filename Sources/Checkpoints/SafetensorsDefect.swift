/// Everything that can be wrong inside a safetensors file, one case a cause.
///
/// `CheckpointError.malformed` adds the file and, where one is to blame, the tensor.
package enum SafetensorsDefect: Error, Sendable, Hashable {
    case tooShort(byteCount: Int)
    case torchArchive
    case headerBeyondFile(headerByteCount: UInt64, fileByteCount: Int)
    case headerTooLong(headerByteCount: UInt64, limit: Int)
    case headerNotUTF8
    case headerNotJSON(offset: Int, expected: String)
    case headerTrailingCharacters(offset: Int)
    case duplicateKey(String)
    case missingField(String)
    case unknownField(String)
    case unsupportedDType(String)
    case negativeNumber
    case integerOverflow
    case notAnInteger
    case tooManyDimensions(limit: Int)
    case wrongOffsetCount(Int)
    case reversedOffsets(begin: Int, end: Int)
    case offsetsBeyondData(end: Int, dataByteCount: Int)
    case wrongByteCount(expected: Int, found: Int)
    case overlap(with: String)
    case gap(begin: Int, end: Int)
    case trailingBytes(count: Int)
}

extension SafetensorsDefect {
    /// What is wrong, as the middle of a sentence.
    package var cause: String {
        switch self {
        case .tooShort(let byteCount): "\(byteCount) bytes cannot hold even the 8-byte header length"
        case .torchArchive: "this is a torch zip or pickle, not safetensors"
        case .headerBeyondFile(let header, let file):
            "the header claims \(header) bytes, but the file has only \(file)"
        case .headerTooLong(let header, let limit): "the header claims \(header) bytes; at most \(limit) are allowed"
        case .headerNotUTF8: "the header is not UTF-8"
        case .headerNotJSON(let offset, let expected): "expected \(expected) at byte \(offset) of the JSON"
        case .headerTrailingCharacters(let offset): "characters follow the JSON object at byte \(offset)"
        case .duplicateKey(let key): "the key \"\(key)\" occurs twice"
        case .missingField(let field): "the field \"\(field)\" is missing"
        case .unknownField(let field): "the field \"\(field)\" is unknown"
        case .unsupportedDType(let name): "the element type \"\(name)\" is not supported"
        case .negativeNumber: "a size or offset is negative"
        case .integerOverflow: "a size or offset does not fit in 63 bits"
        case .notAnInteger: "a size or offset is not a whole number"
        case .tooManyDimensions(let limit): "the shape has more than \(limit) dimensions"
        case .wrongOffsetCount(let count): "data_offsets holds \(count) numbers instead of 2"
        case .reversedOffsets(let begin, let end): "data_offsets [\(begin), \(end)] run backwards"
        case .offsetsBeyondData(let end, let byteCount):
            "the data should reach byte \(end), but the file holds \(byteCount) bytes of it"
        case .wrongByteCount(let expected, let found):
            "shape and element type need \(expected) bytes, data_offsets span \(found)"
        case .overlap(let other): "its bytes overlap those of \(other)"
        case .gap(let begin, let end): "bytes \(begin) to \(end) of the data belong to no tensor"
        case .trailingBytes(let count): "\(count) bytes follow the last tensor"
        }
    }

    /// What the user can do about it.
    package var nextStep: String {
        switch self {
        case .torchArchive:
            "Convert it first, for example with safetensors.torch.save_file(torch.load(...), ...) in Python."
        case .tooShort, .headerBeyondFile, .offsetsBeyondData:
            "The file looks truncated: copy or download it again and compare its SHA-256."
        case .unsupportedDType:
            "Save the tensor as one of \(CheckpointTensor.DType.allCases.map(\.rawValue).joined(separator: ", "))."
        case .headerTooLong, .headerNotUTF8, .headerNotJSON:
            "Check that this is a safetensors file, and fetch it again."
        default:
            "The file is damaged or its writer is faulty: save it again with the safetensors library."
        }
    }
}
