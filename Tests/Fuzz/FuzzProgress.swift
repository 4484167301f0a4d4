import Foundation

/// The number of the input a child is at, in memory shared with its parent: it outlives a crash and costs no system call.
struct FuzzProgress: ~Copyable {
    private let memory: UnsafeMutableRawPointer

    /// - Parameter path: a file of at least eight bytes, which the parent has made.
    init(mapping path: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
        defer { close(descriptor) }
        guard let memory = mmap(nil, 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED else {
            throw CocoaError(.fileReadUnknown)
        }
        self.memory = memory
    }

    deinit { munmap(memory, 8) }

    var index: Int {
        get { Int(memory.load(as: Int64.self)) }
        nonmutating set { memory.storeBytes(of: Int64(newValue), as: Int64.self) }
    }
}
