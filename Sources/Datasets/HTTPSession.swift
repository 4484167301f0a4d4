import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One `URLSession` whose tasks collect bounded bodies.
///
/// The convenience calls of `URLSession` gather a body of any size before they return; a delegate can stop in the middle.
final class HTTPSession: Sendable {
    private let session: URLSession
    private let collector = HTTPCollector()

    init(timeout: Duration) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout / .seconds(1)
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        session = URLSession(configuration: configuration, delegate: collector, delegateQueue: nil)
    }

    // A session holds its delegate, and both their threads, until told otherwise.
    deinit { session.finishTasksAndInvalidate() }

    /// - Parameter rangeStart: the first byte of the range asked for, where nothing but a range will do.
    func fetch(_ request: URLRequest, limit: Int, rangeStart: Int64? = nil) async -> HTTPOutcome {
        let task = session.dataTask(with: request)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                collector.begin(task.taskIdentifier, limit: limit, rangeStart: rangeStart, continuation)
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }
}
