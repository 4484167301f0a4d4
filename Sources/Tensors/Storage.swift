/// A block of memory that returns to its pool when the last tensor using it goes.
///
/// `@unchecked Sendable`, because: the address and the sizes never change; the bytes are written only by the backend
/// operation that created the storage, before any other reference to it exists, or by an in-place update that has
/// proved its reference to be the only one (`TensorValue.makeUnique`). So whoever shares a storage only reads it.
package final class Storage: @unchecked Sendable {
    /// 64-byte aligned; holds `byteCount` bytes, undefined until written.
    package let address: UnsafeMutableRawPointer
    package let byteCount: Int
    private let capacity: Int
    private let pool: StoragePool

    package init(byteCount: Int, from pool: StoragePool) {
        (address, capacity) = pool.take(byteCount: byteCount)
        self.byteCount = byteCount
        self.pool = pool
    }

    deinit {
        pool.giveBack(address, capacity: capacity)
    }
}
