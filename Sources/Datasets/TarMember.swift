/// A file in a tar archive.
package struct TarMember: Sendable, Hashable {
    package let name: String
    /// Where its bytes begin in the archive.
    package let offset: Int64
    package let byteCount: Int64
}
