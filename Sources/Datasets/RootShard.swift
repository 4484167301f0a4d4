/// A shard below an image root.
struct RootShard: ShardBytes {
    let root: ImageRoot
    let file: String

    func bytes(at offset: Int64, count: Int) async throws(DatasetError) -> [UInt8] {
        try await root.bytes(of: file, at: offset, count: count)
    }
}
