import Foundation
import Synchronization

/// An HTTP server in this process on a free port, one connection at a time, each answered by bytes that the test chooses.
final class TinyHTTPServer: Sendable {
    struct Request: Sendable {
        /// As sent, percent-encoded.
        let path: String
        /// How often this path was asked for before.
        let earlier: Int
        let header: String
    }

    let address: String
    private let socket: Int32
    private let isStopped = Mutex(false)
    private let seen = Mutex<[String: Int]>([:])

    /// - Parameter answer: the raw response; nil says nothing until the client gives up.
    init(_ answer: @escaping @Sendable (Request) -> [UInt8]?) throws {
        #if canImport(Glibc)
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        socket = Foundation.socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let isReady = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isReady else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        address = "http://127.0.0.1:\(UInt16(bigEndian: name.sin_port))"
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else { break }
                self.serve(connection, answer)
            }
            // Only here, so that no other descriptor can have taken its number in the meantime.
            close(descriptor)
        }
    }

    deinit { stop() }

    /// From here on connections are refused.
    func stop() {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        if isFirst { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    func requestCount(_ path: String) -> Int {
        seen.withLock { $0[path] ?? 0 }
    }

    private func serve(_ connection: Int32, _ answer: (Request) -> [UInt8]?) {
        defer { close(connection) }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !received.ends(with: Array("\r\n\r\n".utf8)) {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { return }
            received.append(contentsOf: buffer.prefix(count))
        }
        let header = String(decoding: received, as: UTF8.self)
        let words = header.split(separator: " ")
        let path = words.count > 1 ? String(words[1]) : ""
        let earlier = seen.withLock { seen in
            defer { seen[path, default: 0] += 1 }
            return seen[path] ?? 0
        }
        guard let response = answer(Request(path: path, earlier: earlier, header: header)) else {
            // Until the client closes.
            while recv(connection, &buffer, buffer.count, 0) > 0 {}
            return
        }
        var sent = 0
        while sent < response.count {
            let count = send(connection, Array(response[sent...]), response.count - sent, Int32(MSG_NOSIGNAL))
            if count <= 0 { return }
            sent += count
        }
    }

    /// A response with a body and, unless told otherwise, its true length.
    static func response(_ status: String, _ body: [UInt8] = [], length: Int?? = .none) -> [UInt8] {
        let announced = length ?? body.count
        let field = announced.map { "Content-Length: \($0)\r\n" } ?? ""
        return Array("HTTP/1.1 \(status)\r\n\(field)Connection: close\r\n\r\n".utf8) + body
    }
}

extension Array<UInt8> {
    fileprivate func ends(with tail: [UInt8]) -> Bool { suffix(tail.count).elementsEqual(tail) }
}
