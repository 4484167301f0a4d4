import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The session's delegate: body bytes by task, until the end, an error, or one byte too many.
final class HTTPCollector: NSObject, URLSessionDataDelegate {
    private struct Transfer {
        let limit: Int
        let rangeStart: Int64?
        let continuation: CheckedContinuation<HTTPOutcome, Never>
        var bytes: [UInt8] = []
        var expectedCount: Int64 = -1
        var verdict: HTTPOutcome?
    }

    private let transfers = Mutex<[Int: Transfer]>([:])

    func begin(
        _ task: Int,
        limit: Int,
        rangeStart: Int64?,
        _ continuation: CheckedContinuation<HTTPOutcome, Never>
    ) {
        let transfer = Transfer(limit: limit, rangeStart: rangeStart, continuation: continuation)
        transfers.withLock { $0[task] = transfer }
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        let length = response.expectedContentLength
        let range = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "Content-Range")
        let isWelcome = transfers.withLock { transfers in
            guard var transfer = transfers[dataTask.taskIdentifier] else { return false }
            transfer.expectedCount = length
            transfer.verdict = Self.verdict(status)
            if let start = transfer.rangeStart {
                transfer.verdict = transfer.verdict ?? Self.verdict(status, range, wanted: start)
                if status == 416 { transfer.verdict = .behindTheEnd }
            }
            if transfer.verdict == nil && length > Int64(transfer.limit) { transfer.verdict = .tooManyBytes }
            transfers[dataTask.taskIdentifier] = transfer
            return transfer.verdict == nil
        }
        completionHandler(isWelcome ? .allow : .cancel)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooMuch = transfers.withLock { transfers in
            guard var transfer = transfers.removeValue(forKey: dataTask.taskIdentifier) else { return false }
            if transfer.verdict == nil {
                transfer.bytes.append(contentsOf: data)
                if transfer.bytes.count > transfer.limit { transfer.verdict = .tooManyBytes }
            }
            let isTooMuch = transfer.verdict == .tooManyBytes
            transfers[dataTask.taskIdentifier] = transfer
            return isTooMuch
        }
        if isTooMuch { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let transfer = transfers.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
        transfer.continuation.resume(returning: outcome(transfer, error))
    }

    private func outcome(_ transfer: Transfer, _ error: (any Error)?) -> HTTPOutcome {
        if let verdict = transfer.verdict { return verdict }
        if let error {
            let isCancelled = (error as? URLError)?.code == .cancelled
            return isCancelled ? .cancelled : .failed(error.localizedDescription)
        }
        let (got, announced) = (transfer.bytes.count, transfer.expectedCount)
        if announced >= 0 && Int64(got) != announced { return .failed("\(got) of \(announced) bytes arrived") }
        return .bytes(transfer.bytes)
    }

    /// Whether the part is the one that was asked for.
    private static func verdict(_ status: Int, _ range: String?, wanted start: Int64) -> HTTPOutcome? {
        guard status == 206 else {
            let cause = "the server gives whole files only; serve shards by one that knows ranges, or copy them here"
            return .refused(cause)
        }
        guard let range, !range.hasPrefix("bytes \(start)-") else { return nil }
        return .failed("another part of the file arrived: \(range)")
    }

    private static func verdict(_ status: Int) -> HTTPOutcome? {
        switch status {
        case 200, 206: nil
        case 404, 410: .notFound
        case 408, 425, 429, 500...599: .failed("HTTP \(status)")
        default: .refused("HTTP \(status)")
        }
    }
}
