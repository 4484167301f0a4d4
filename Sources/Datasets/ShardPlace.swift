/// Where the bytes of a picture lie inside of a larger file below the image root.
package struct ShardPlace: Sendable, Hashable {
    /// Path of the shard below the root, components separated by `/`.
    package let file: String
    package let offset: Int64
    package let byteCount: Int64

    package init(file: String, offset: Int64, byteCount: Int64) {
        self.file = file
        self.offset = offset
        self.byteCount = byteCount
    }
}
