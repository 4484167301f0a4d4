import Datasets
import Testing

@Suite("HTTPImageSource")
struct HTTPImageSourceTests {
    private let clock = RecordingClock()

    private func root(_ server: TinyHTTPServer, path: String = "", byteLimit: Int = 1 << 20, attempts: Int = 4) throws
        -> ImageRoot
    {
        var configuration = HTTPImageSource.Configuration()
        configuration.attempts = attempts
        let source = try HTTPImageSource(server.address + path, configuration: configuration, clock: clock)
        return ImageRoot(source, byteLimit: byteLimit)
    }

    @Test("a picture arrives byte for byte, its key escaped below the base address")
    func fetch() async throws {
        let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let server = try TinyHTTPServer { request in
            request.path == "/pictures/a%20b/%C3%BC%3F%23%25.jpg"
                ? TinyHTTPServer.response("200 OK", body) : TinyHTTPServer.response("400 Bad Request")
        }
        #expect(try await root(server, path: "/pictures/").bytes(of: "a b/ü?#%.jpg") == body)
        #expect(clock.sleeps.isEmpty)
    }

    @Test("the leading bytes are asked for as a range")
    func range() async throws {
        let server = try TinyHTTPServer { request in
            request.header.contains("bytes=0-9\r\n")
                ? TinyHTTPServer.response("206 Partial Content", Array(0..<10))
                : TinyHTTPServer.response("400 Bad Request")
        }
        #expect(try await root(server).leadingBytes(of: "a", count: 10) == Array(0..<10))
    }

    @Test("404 is final: the picture is not there, and is asked for once")
    func notFound() async throws {
        let server = try TinyHTTPServer { _ in TinyHTTPServer.response("404 Not Found", Array("no".utf8)) }
        let root = try root(server)
        await #expect(throws: DatasetError.notFound(key: "x.jpg", root: server.address)) {
            try await root.bytes(of: "x.jpg")
        }
        #expect(server.requestCount("/x.jpg") == 1)
    }

    @Test("500 twice and then 200 gives the picture, with growing waits between")
    func recovers() async throws {
        let server = try TinyHTTPServer { request in
            request.earlier < 2
                ? TinyHTTPServer.response("500 Internal Server Error") : TinyHTTPServer.response("200 OK", [1, 2, 3])
        }
        #expect(try await root(server).bytes(of: "x.jpg") == [1, 2, 3])
        #expect(server.requestCount("/x.jpg") == 3)
        try #require(clock.sleeps.count == 2)
        #expect((Duration.milliseconds(250)...Duration.milliseconds(500)).contains(clock.sleeps[0]))
        #expect((Duration.milliseconds(500)...Duration.milliseconds(1000)).contains(clock.sleeps[1]))
    }

    @Test("a server that stays ill ends in an error that names status, key and attempts, not user and password")
    func staysIll() async throws {
        let server = try TinyHTTPServer { _ in TinyHTTPServer.response("503 Service Unavailable") }
        let address = server.address.replacing("http://", with: "http://anna:secret@")
        let source = try HTTPImageSource(address, clock: clock)
        let root = ImageRoot(source)
        let error = await #expect(throws: DatasetError.self) { try await root.bytes(of: "x.jpg") }
        let text = try #require(error).description
        #expect(text.contains("x.jpg") && text.contains("HTTP 503") && text.contains("5 attempts"))
        #expect(!text.contains("secret") && !text.contains("anna") && !root.name.contains("secret"))
        #expect(clock.sleeps.count == 4)
    }

    @Test("403 is not worth a second try")
    func refused() async throws {
        let server = try TinyHTTPServer { _ in TinyHTTPServer.response("403 Forbidden") }
        let root = try root(server)
        await #expect(throws: DatasetError.unreadable(key: "x", root: server.address, cause: "HTTP 403")) {
            try await root.bytes(of: "x")
        }
        #expect(server.requestCount("/x") == 1)
    }

    @Test("a body that stops early is tried again, and never taken for the picture")
    func truncatedBody() async throws {
        let body = [UInt8](repeating: 9, count: 5000)
        let server = try TinyHTTPServer { request in
            request.path == "/always" || request.earlier == 0
                ? TinyHTTPServer.response("200 OK", Array(body.prefix(100)), length: 5000)
                : TinyHTTPServer.response("200 OK", body)
        }
        let root = try root(server)
        #expect(try await root.bytes(of: "once") == body)
        #expect(server.requestCount("/once") == 2)
        await #expect(throws: DatasetError.self) { try await root.bytes(of: "always") }
        #expect(server.requestCount("/always") == 4)
    }

    @Test("too many bytes are refused, announced or not", arguments: [true, false])
    func tooMany(isAnnounced: Bool) async throws {
        let server = try TinyHTTPServer { _ in
            TinyHTTPServer.response(
                "200 OK",
                [UInt8](repeating: 0, count: 50_001),
                length: isAnnounced ? 50_001 : .some(nil)
            )
        }
        let root = try root(server, byteLimit: 50_000)
        await #expect(throws: DatasetError.tooManyBytes(key: "x", limit: 50_000)) { try await root.bytes(of: "x") }
        #expect(try await self.root(server, byteLimit: 50_001).bytes(of: "x").count == 50_001)
    }

    @Test("a server that is gone is an error after the last attempt")
    func gone() async throws {
        let server = try TinyHTTPServer { _ in nil }
        let root = try root(server)
        server.stop()
        await #expect(throws: DatasetError.self) { try await root.bytes(of: "x") }
        #expect(clock.sleeps.count == 3)
    }

    @Test("a server that says nothing is given up after the timeout")
    func silent() async throws {
        let server = try TinyHTTPServer { _ in nil }
        var configuration = HTTPImageSource.Configuration()
        configuration.attempts = 1
        configuration.timeout = .seconds(1)
        let root = ImageRoot(try HTTPImageSource(server.address, configuration: configuration, clock: clock))
        await #expect(throws: DatasetError.self) { try await root.bytes(of: "x") }
    }

    @Test("a cancelled task stops waiting for a server")
    func cancelled() async throws {
        let asked = AsyncStream<Void>.makeStream()
        let server = try TinyHTTPServer { _ in
            asked.continuation.yield()
            return nil
        }
        let root = try root(server)
        await withTaskGroup(of: DatasetError?.self) { group in
            group.addTask {
                do {
                    _ = try await root.bytes(of: "x")
                    return nil
                } catch { return error as? DatasetError }
            }
            for await _ in asked.stream { break }
            group.cancelAll()
            for await error in group { #expect(error == .cancelled) }
        }
    }

    @Test(
        "addresses that cannot stand before a path are refused",
        arguments: [
            "ftp://a/b", "http://", "http://a/b?token=1", "https://a/b#c", "nothing",
        ]
    )
    func badAddress(text: String) {
        #expect(throws: DatasetError.self) { try HTTPImageSource(text) }
    }
}
