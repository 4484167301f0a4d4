/// Why bytes are not a picture we can use. Equal bytes give an equal error everywhere, except for `outOfMemory`.
package struct ImageError: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        case empty
        case unknownFormat(leadingBytes: [UInt8])
        case truncated(ImageFormat, detail: String)
        case corrupt(ImageFormat, detail: String)
        case unsupported(ImageFormat, detail: String)
        case tooLarge(width: Int, height: Int, limits: ImageLimits)
        /// A picture where the numbers of classes are wanted.
        case notIndices(ImageFormat, detail: String)
        case outOfMemory
        case notEncodable(ImageFormat, detail: String)
    }

    package let reason: Reason
    /// The picture's name in its dataset, where there is one.
    package let key: String?

    package init(_ reason: Reason, key: String? = nil) {
        self.reason = reason
        self.key = key
    }

    /// Whether the same bytes would fail on another machine too; if not, the caller should try elsewhere.
    package var liesInTheBytes: Bool { reason != .outOfMemory }
}

extension ImageError: CustomStringConvertible {
    package var description: String {
        let name = key.map { "\($0): " } ?? ""
        return name + reason.description
    }
}

extension ImageError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty:
            "the file is empty. Fetch it again, or remove it from the dataset."
        case .unknownFormat(let bytes):
            "neither JPEG nor PNG: it begins with \(Self.hex(bytes)). Convert it, or remove it from the dataset."
        case .truncated(let format, let detail):
            "the \(format.rawValue) ends too early (\(detail)). Fetch it again, or remove it from the dataset."
        case .corrupt(let format, let detail):
            "the \(format.rawValue) is damaged (\(detail)). Fetch it again, or remove it from the dataset."
        case .unsupported(let format, let detail):
            "this kind of \(format.rawValue) is not supported (\(detail)). Convert it to 8-bit baseline JPEG or PNG."
        case .tooLarge(let width, let height, let limits):
            "\(width) × \(height) pixels exceed the limits of \(limits.maximumSide) a side and "
                + "\(limits.maximumPixelCount) in all. Scale it down, or raise the limits if the source is trusted."
        case .notIndices(let format, let detail):
            "a \(format.rawValue) of colours, not of indices (\(detail)). Store labels as a PNG with a palette or in grey."
        case .outOfMemory:
            "the memory for its pixels could not be had. Give this machine fewer jobs at a time."
        case .notEncodable(let format, let detail):
            "it cannot be written as \(format.rawValue) (\(detail)). Scale it down or choose the other format."
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        .joined(separator: " ")
    }
}
