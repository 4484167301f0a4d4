package import Images

/// A sample whose bytes, read in full, are no usable picture. They would fail on every machine, so the job goes on without
/// it and says so; nothing takes its place.
package struct BadSample: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case undecodable(ImageError.Reason)
        case tooSmall(width: Int, height: Int, minimumSide: Int)
        case tooManyBytes(limit: Int)
        /// The picture is good, its label file is not.
        case label(file: String, LabelDefect)
    }

    package let sampleID: Int64
    package let key: String
    package let reason: Reason

    package init(sampleID: Int64, key: String, reason: Reason) {
        self.sampleID = sampleID
        self.key = key
        self.reason = reason
    }
}

extension BadSample: CustomStringConvertible {
    package var description: String { "sample \(sampleID) (\(key)): \(reason)" }
}

extension BadSample.Reason: CustomStringConvertible {
    /// One stable word for counting and for the ledger.
    package var code: String {
        switch self {
        case .tooSmall: "too_small"
        case .tooManyBytes: "too_many_bytes"
        case .label(_, .undecodable): "label_undecodable"
        case .label(_, .wrongSize): "label_size"
        case .label(_, .unknownValue), .label(_, .unknownSegment): "label_value"
        case .undecodable(.empty): "empty"
        case .undecodable(.unknownFormat): "unknown_format"
        case .undecodable(.truncated): "truncated"
        case .undecodable(.tooLarge): "too_large"
        case .undecodable(.unsupported), .undecodable(.notIndices): "unsupported"
        case .undecodable(.corrupt), .undecodable(.outOfMemory), .undecodable(.notEncodable): "corrupt"
        }
    }

    package var description: String {
        switch self {
        case .undecodable(let reason): reason.description
        case .tooSmall(let width, let height, let minimumSide):
            "\(width) × \(height) pixels; both sides must have at least \(minimumSide)."
        case .tooManyBytes(let limit):
            "the file has more than \(limit) bytes. Store it smaller, or raise the limit."
        case .label(let file, let defect): "its labels, \(file): \(defect)"
        }
    }
}
