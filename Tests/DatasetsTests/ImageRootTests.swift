import Datasets
import Foundation
import Testing

@Suite("ImageRoot")
struct ImageRootTests {
    private let folder: TemporaryFolder
    private let root: ImageRoot

    init() throws {
        folder = try TemporaryFolder()
        try folder.write([1, 2, 3, 4], to: "inside/a b.jpg")
        root = try ImageRoot(folder.path + "/inside", byteLimit: 4)
        try folder.write([9], to: "secret")
    }

    @Test("files are read whole, or their beginning")
    func reads() async throws {
        #expect(try await root.bytes(of: "a b.jpg") == [1, 2, 3, 4])
        #expect(try await root.leadingBytes(of: "a b.jpg", count: 2) == [1, 2])
        #expect(try await root.leadingBytes(of: "a b.jpg", count: 100) == [1, 2, 3, 4])
        let other = try ImageRoot("file://" + folder.path + "/inside")
        #expect(try await other.bytes(of: "a b.jpg") == [1, 2, 3, 4])
    }

    @Test(
        "no key leads out of the root, or means the root in disguise",
        arguments: [
            "../secret", "a/../../secret", "/etc/passwd", "", ".", "..", "a//b", "./a b.jpg", "a/", "a\0b",
        ]
    )
    func escape(key: String) async {
        await #expect(throws: DatasetError.self) { try await root.bytes(of: key) }
        do {
            _ = try await root.bytes(of: key)
        } catch {
            guard case .invalidKey = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("missing, unreadable and too large are three different errors")
    func failures() async throws {
        await #expect(throws: DatasetError.notFound(key: "none.jpg", root: root.name)) {
            try await root.bytes(of: "none.jpg")
        }
        await #expect(throws: DatasetError.notFound(key: "a b.jpg/x", root: root.name)) {
            try await root.bytes(of: "a b.jpg/x")
        }
        try folder.write([1, 2, 3, 4, 5], to: "inside/five")
        await #expect(throws: DatasetError.tooManyBytes(key: "five", limit: 4)) { try await root.bytes(of: "five") }
        try folder.write([], to: "inside/folder/x")
        await #expect(throws: DatasetError.unreadable(key: "folder", root: root.name, cause: "not a regular file")) {
            try await root.bytes(of: "folder")
        }
    }

    @Test("a FIFO is refused instead of waited for")
    func fifo() async throws {
        #expect(mkfifo(folder.path + "/inside/pipe", 0o600) == 0)
        await #expect(throws: DatasetError.unreadable(key: "pipe", root: root.name, cause: "not a regular file")) {
            try await root.bytes(of: "pipe")
        }
    }

    @Test(
        "a root that is no directory is refused at once",
        arguments: ["/nowhere/at/all", "/etc/passwd", "file:///nowhere", ""]
    )
    func badRoot(text: String) {
        #expect(throws: DatasetError.self) { try ImageRoot(text) }
    }
}
