/// A large file that is read in parts, wherever it lies.
package protocol ShardBytes: Sendable {
    /// - Returns: fewer bytes where the file ends before, none behind its end.
    func bytes(at offset: Int64, count: Int) async throws(DatasetError) -> [UInt8]
}
