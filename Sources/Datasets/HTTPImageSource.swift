import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Pictures below an http(s) address, fetched with a time limit, a size limit and a few retries.
package struct HTTPImageSource: Sendable {
    package struct Configuration: Sendable {
        /// The longest silence of the server before a try counts as failed.
        package var timeout: Duration = .seconds(30)
        package var attempts = 5
        /// Doubled after each failure, up to `maximumDelay`; the wait is between half of it and all of it.
        package var firstDelay: Duration = .milliseconds(500)
        package var maximumDelay: Duration = .seconds(20)

        package init() {}
    }

    package let name: String
    private let base: String
    private let session: HTTPSession
    private let configuration: Configuration
    private let clock: any Clock<Duration>

    /// - Parameter address: `http(s)://host[:port][/path]`; user and password are allowed and never printed.
    package init(
        _ address: String,
        configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) throws(DatasetError) {
        precondition(configuration.attempts > 0, "at least one attempt")
        guard var parts = URLComponents(string: address), let host = parts.host, !host.isEmpty,
            parts.scheme == "http" || parts.scheme == "https"
        else { throw .invalidRoot("(address not shown)", cause: "not an http(s) address") }
        let hasExtras = parts.query != nil || parts.fragment != nil
        while parts.percentEncodedPath.hasSuffix("/") { parts.percentEncodedPath.removeLast() }
        base = parts.string ?? address
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        name = parts.string ?? host
        if hasExtras { throw .invalidRoot(name, cause: "a query or fragment cannot stand before a path") }
        self.configuration = configuration
        self.clock = clock
        session = HTTPSession(timeout: configuration.timeout)
    }

    /// - Parameter prefix: asks for that many leading bytes only; the server may send all.
    func bytes(of key: ImageKey, prefix: Int?, limit: Int) async throws(DatasetError) -> [UInt8] {
        try await bytes(of: key, range: prefix.map { 0..<Int64($0) }, isExact: false, limit: limit)
    }

    /// Bytes of a large file from a place on: fewer where it ends before, none behind its end.
    ///
    /// - Throws: `unreadable` where the server sends the whole file instead; it must know range requests.
    func bytes(of key: ImageKey, at offset: Int64, count: Int) async throws(DatasetError) -> [UInt8] {
        if count == 0 { return [] }
        return try await bytes(of: key, range: offset..<offset + Int64(count), isExact: true, limit: count)
    }

    private func bytes(
        of key: ImageKey,
        range: Range<Int64>?,
        isExact: Bool,
        limit: Int
    ) async throws(DatasetError) -> [UInt8] {
        guard let url = URL(string: base + "/" + key.percentEncoded) else {
            throw .invalidKey(key.text, cause: "gives no legal address")
        }
        var request = URLRequest(url: url)
        // Images are compressed already, and the length announced must be the length we count.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        if let range {
            request.setValue("bytes=\(range.lowerBound)-\(range.upperBound - 1)", forHTTPHeaderField: "Range")
        }
        var delay = configuration.firstDelay
        for attempt in 1... {
            switch await session.fetch(request, limit: limit, rangeStart: isExact ? range?.lowerBound : nil) {
            case .bytes(let bytes): return bytes
            case .behindTheEnd: return []
            case .notFound: throw .notFound(key: key.text, root: name)
            case .tooManyBytes: throw .tooManyBytes(key: key.text, limit: limit)
            case .cancelled: throw .cancelled
            case .refused(let cause): throw .unreadable(key: key.text, root: name, cause: cause)
            case .failed(let cause):
                if attempt == configuration.attempts {
                    throw .unreadable(key: key.text, root: name, cause: "\(cause), \(attempt) attempts")
                }
            }
            // Many workers that lost the same server must not come back in step.
            do { try await clock.sleep(for: delay * Double.random(in: 0.5...1)) } catch { throw .cancelled }
            delay = min(delay * 2, configuration.maximumDelay)
        }
        throw .cancelled
    }
}
