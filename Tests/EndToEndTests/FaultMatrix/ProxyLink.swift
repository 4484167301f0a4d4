import Foundation
import Synchronization

/// One connection through a `FaultyProxy`, with a thread for each direction.
final class ProxyLink: Sendable {
    private struct State {
        var isHalfClosed = false
        var losesReply = false
        var openDirections = 2
        var isAnswered = true
        var roundTrips = 0
    }

    private let client: Int32
    private let server: Int32
    private let proxy: FaultyProxy
    private let state = Mutex(State())

    init(client: Int32, server: Int32, proxy: FaultyProxy) {
        (self.client, self.server, self.proxy) = (client, server, proxy)
    }

    func start() {
        Thread { [self] in pump(from: client, to: server, isRequest: true) }.start()
        Thread { [self] in pump(from: server, to: client, isRequest: false) }.start()
    }

    func halfClose() {
        state.withLock { $0.isHalfClosed = true }
        shutdown(server, Int32(SHUT_RDWR))
    }

    func end() {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
    }

    /// How often the client has spoken after it was answered, the start of the session included.
    var roundTrips: Int { state.withLock(\.roundTrips) }

    private func note(isRequest: Bool) {
        state.withLock { state in
            if isRequest && state.isAnswered { state.roundTrips += 1 }
            state.isAnswered = !isRequest
        }
    }

    private func pump(from source: Int32, to sink: Int32, isRequest: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        reading: while true {
            let count = read(source, &buffer, buffer.count)
            if count <= 0 { break }
            note(isRequest: isRequest)
            awaitRelease()
            // A half-closed connection swallows what its client says and tells it nothing.
            if state.withLock(\.isHalfClosed) { continue }
            if !isRequest && state.withLock(\.losesReply) { break }
            var limit = count
            if isRequest { limit = strike(Array(buffer[..<count])) }
            var written = 0
            while written < limit {
                let more = buffer.withUnsafeBytes { bytes in
                    send(sink, bytes.baseAddress.map { $0 + written }, limit - written, Int32(MSG_NOSIGNAL))
                }
                if more <= 0 { break reading }
                written += more
            }
            if limit < count { break }
        }
        finish()
    }

    /// - Returns: how many of the bytes to pass on; fewer than there are means that the connection was reset.
    private func strike(_ bytes: [UInt8]) -> Int {
        proxy.trigger.withLock { trigger in
            switch trigger {
            case .none, .struck: return bytes.count
            case .reset(let left) where left >= bytes.count:
                trigger = .reset(bytesLeft: left - bytes.count)
                return bytes.count
            case .reset(let left):
                trigger = .struck
                // Closing with nothing left to linger for sends RST instead of FIN.
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
                return left
            case .arm(let earlier, let text):
                if Data(bytes).firstRange(of: Array(earlier.utf8)) != nil { trigger = .loseReply(text: text) }
                return bytes.count
            case .loseReply(let text):
                if Data(bytes).firstRange(of: Array(text.utf8)) != nil {
                    trigger = .struck
                    state.withLock { $0.losesReply = true }
                }
                return bytes.count
            }
        }
    }

    private func awaitRelease() {
        let delay = proxy.delay
        if delay > .zero { usleep(useconds_t(delay / .microseconds(1))) }
        while proxy.isHolding && !state.withLock(\.isHalfClosed) { usleep(5000) }
    }

    /// The first direction to end ends the other, unless the client must not notice; the last one closes.
    private func finish() {
        let (isLast, isHalfClosed) = state.withLock { state in
            state.openDirections -= 1
            return (state.openDirections == 0, state.isHalfClosed)
        }
        if isLast {
            close(client)
            close(server)
            proxy.forget(self)
        } else if !isHalfClosed {
            // Reading only: a pending reset must not turn into an orderly end.
            shutdown(server, Int32(SHUT_RDWR))
            shutdown(client, Int32(SHUT_RD))
        }
    }
}
