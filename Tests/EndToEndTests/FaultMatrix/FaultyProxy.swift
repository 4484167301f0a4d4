import Foundation
import Synchronization

/// Stands between processes and a PostgreSQL on a Unix socket, and misbehaves like a network when told to.
///
/// It listens on a TCP port of this machine. Whatever it does not forward stays unanswered while the connection stands:
/// as the peer's kernel goes on to acknowledge, only time can tell that something is wrong.
final class FaultyProxy: Sendable {
    struct Failed: Error { let what: String }

    private struct State {
        var links: [ObjectIdentifier: ProxyLink] = [:]
        var isHolding = false
        var delay = Duration.zero
        var isClosed = false
        var count = 0
    }

    let port: UInt16
    private let listener: Int32
    private let target: String
    private let state = Mutex(State())

    /// - Parameter target: the path of the server's socket.
    init(to target: String) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard status else { throw Failed(what: "listen: \(String(cString: strerror(errno)))") }
        port = UInt16(bigEndian: address.sin_port)
        Thread { [self] in accept() }.start()
    }

    // MARK: Misbehaviour

    /// Stops forwarding, both ways and for later connections too; nothing is closed.
    func hold() { state.withLock { $0.isHolding = true } }

    /// Forwards again, what was held first.
    func release() { state.withLock { $0.isHolding = false } }

    /// What arrives waits for so long before it is passed on.
    func delay(by time: Duration) { state.withLock { $0.delay = time } }

    /// Never forwards another byte of the present connections and ends them towards the server only: their clients are
    /// not told. Later connections are served.
    /// - Returns: how many connections that were.
    @discardableResult
    func halfClose() -> Int { each { $0.halfClose() } }

    /// Resets each present or later connection when so many further bytes have come from its client, once in all.
    func reset(afterBytes count: Int) { trigger.withLock { $0 = .reset(bytesLeft: count) } }

    /// Forwards the next request that contains this text, keeps its reply, and breaks the connection; once.
    /// - Parameter earlier: what a request before it must have contained.
    func loseReply(to text: String, after earlier: String? = nil) {
        let loss = Trigger.loseReply(text: text)
        trigger.withLock { $0 = earlier.map { .arm(on: $0, text: text) } ?? loss }
    }

    /// What waits to happen, and how often something has.
    let trigger = Mutex<Trigger>(.none)
    enum Trigger: Sendable {
        case none
        case reset(bytesLeft: Int)
        case arm(on: String, text: String)
        case loseReply(text: String)
        case struck
    }

    var hasStruck: Bool { trigger.withLock { if case .struck = $0 { true } else { false } } }

    /// Connections that stand.
    var connectionCount: Int { state.withLock { $0.links.count } }
    /// Round trips of the present connection that has made most.
    var roundTrips: Int { state.withLock { $0.links.values.map(\.roundTrips).max() ?? 0 } }
    /// Connections that were ever made.
    var totalCount: Int { state.withLock { $0.count } }

    func close() {
        state.withLock { $0.isClosed = true }
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        each { $0.end() }
    }

    @discardableResult
    private func each(_ body: (ProxyLink) -> Void) -> Int {
        let links = state.withLock { Array($0.links.values) }
        links.forEach(body)
        return links.count
    }

    // MARK: Forwarding

    var isHolding: Bool { state.withLock(\.isHolding) }
    var delay: Duration { state.withLock(\.delay) }

    func forget(_ link: ProxyLink) { state.withLock { _ = $0.links.removeValue(forKey: ObjectIdentifier(link)) } }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if state.withLock(\.isClosed) { return }
            guard client >= 0 else { continue }
            guard let server = connect() else {
                // As a server that is not there: refused.
                Glibc.close(client)
                continue
            }
            let link = ProxyLink(client: client, server: server, proxy: self)
            state.withLock { state in
                state.links[ObjectIdentifier(link)] = link
                state.count += 1
            }
            link.start()
        }
    }

    private func connect() -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: target.utf8.prefix($0.count - 1)) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if status == 0 { return descriptor }
        Glibc.close(descriptor)
        return nil
    }
}
