/// How one try to fetch a picture ended.
enum HTTPOutcome: Sendable, Hashable {
    case bytes([UInt8])
    case notFound
    /// The file ends before the first byte asked for.
    case behindTheEnd
    case tooManyBytes
    case cancelled
    /// The server understood and says no: trying again gives the same answer.
    case refused(String)
    /// The server is ill, or could not be reached, or stopped in the middle: trying again may help.
    case failed(String)
}
