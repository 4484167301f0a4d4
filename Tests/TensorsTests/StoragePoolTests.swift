import Foundation
import Tensors
import Testing

@Suite struct StoragePoolTests {
    @Test("a buffer that is let go serves the next request of its size")
    func reuse() {
        let pool = StoragePool()
        let first = Storage(byteCount: 100_000, from: pool).address
        let second = Storage(byteCount: 99_000, from: pool).address
        #expect(first == second)
    }

    @Test("buffers in use are distinct and aligned for vectors")
    func distinct() {
        let pool = StoragePool()
        let storages = (0..<20).map { Storage(byteCount: 300 + 10 * $0, from: pool) }
        let addresses = storages.map { Int(bitPattern: $0.address) }
        #expect(Set(addresses).count == 20)
        #expect(addresses.allSatisfy { $0 % 64 == 0 })
    }

    @Test("what is kept is bounded by what was in use at once, however sizes vary")
    func bounded() {
        let pool = StoragePool()
        let random = RandomGenerator(key: 3)
        for draw in 0..<500 {
            let storage = Storage(byteCount: (1 << 20) + random.integer(below: 8 << 20, at: draw), from: pool)
            #expect(storage.byteCount > 0)
        }
        let (live, kept) = pool.byteCounts
        #expect(live == 0)
        // A quarter above the largest request (9 MiB, an eighth of it rounding), plus 16 MiB.
        #expect(kept <= (13 + 16) << 20)
    }

    @Test("a large buffer begins on a huge page, and its memory is usable to the last byte")
    func huge() {
        let storage = Storage(byteCount: 5 << 20, from: StoragePool())
        #expect(Int(bitPattern: storage.address) % (2 << 20) == 0)
        memset(storage.address, 1, storage.byteCount)
        #expect(storage.address.load(fromByteOffset: storage.byteCount - 1, as: UInt8.self) == 1)
    }

    @Test("zeros are zeros, few or many", arguments: [0, 1, 3_000_001])
    func zeros(count: Int) {
        let zeros = [Float](zeros: count)
        #expect(zeros.count == count)
        #expect(zeros.allSatisfy { $0 == 0 })
    }
}
