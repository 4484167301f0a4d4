import Crypto

/// A file that an index answers for byte by byte, as the parts of composed pictures are.
package struct IndexedFile: Sendable, Hashable {
    /// Path below the root.
    package let key: String
    /// SHA-256 of its bytes.
    package let digest: [UInt8]

    /// - Precondition: the digest has 32 bytes.
    package init(key: String, digest: [UInt8]) {
        precondition(digest.count == SHA256.byteCount, "SHA-256 has 32 bytes")
        self.key = key
        self.digest = digest
    }

    package init(key: String, bytes: [UInt8]) {
        self.init(key: key, digest: Array(SHA256.hash(data: bytes)))
    }
}
