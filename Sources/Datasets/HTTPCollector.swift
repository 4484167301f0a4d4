import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The session's delegate: body bytes by task, until the end, an error, or one byte too many.
final class HTTPCollector: NSObject, URLSessionDataDelegate {
    private struct Transfer {
        let limit: Int
        let continuation: CheckedContinuation<HTTPOutcome, Never>
        var bytes: [UInt8] = []
        var expectedCount: Int64 = -1
        var verdict: HTTPOutcome?
    }

    private let transfers = Mutex<[Int: Transfer]>([:])

    func begin(_ task: Int, limit: Int, _ continuation: CheckedContinuation<HTTPOutcome, Never>) {
        transfers.withLock { $0[task] = Transfer(limit: limit, continuation: continuation) }
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        let length = response.expectedContentLength
        let isWelcome = transfers.withLock { transfers in
            guard var transfer = transfers[dataTask.taskIdentifier] else { return false }
            transfer.expectedCount = length
            transfer.verdict = Self.verdict(status)
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

    private static func verdict(_ status: Int) -> HTTPOutcome? {
        switch status {
        case 200, 206: nil
        case 404, 410: .notFound
        case 408, 425, 429, 500...599: .failed("HTTP \(status)")
        default: .refused("HTTP \(status)")
        }
    }
}
