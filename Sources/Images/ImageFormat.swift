/// The file formats we read, told apart by their first bytes; a file's name is never consulted.
package enum ImageFormat: String, Sendable, Hashable {
    case jpeg = "JPEG"
    case png = "PNG"

    /// Nil when the bytes begin like neither.
    package init?(of bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else {
            return nil
        }
    }
}
