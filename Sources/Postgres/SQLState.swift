/// The server's five-character code for an error; the first two are its class (PostgreSQL documentation, appendix A).
package struct SQLState: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let uniqueViolation = SQLState(rawValue: "23505")
    package static let checkViolation = SQLState(rawValue: "23514")
    package static let invalidPassword = SQLState(rawValue: "28P01")
    package static let invalidAuthorization = SQLState(rawValue: "28000")
    package static let serializationFailure = SQLState(rawValue: "40001")
    package static let deadlockDetected = SQLState(rawValue: "40P01")
    package static let readOnlyTransaction = SQLState(rawValue: "25006")
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    package static let unknownDatabase = SQLState(rawValue: "3D000")
    package static let unknownSchema = SQLState(rawValue: "3F000")
    package static let unknownTable = SQLState(rawValue: "42P01")
    package static let unknownFunction = SQLState(rawValue: "42883")
    package static let insufficientPrivilege = SQLState(rawValue: "42501")
    package static let diskFull = SQLState(rawValue: "53100")
    package static let outOfMemory = SQLState(rawValue: "53200")
    package static let inputOutputError = SQLState(rawValue: "58030")
    package static let tooManyConnections = SQLState(rawValue: "53300")
    package static let queryCancelled = SQLState(rawValue: "57014")
    package static let adminShutdown = SQLState(rawValue: "57P01")
    package static let crashShutdown = SQLState(rawValue: "57P02")
    package static let cannotConnectNow = SQLState(rawValue: "57P03")
    package static let idleSessionTimeout = SQLState(rawValue: "57P05")
    package static let idleInTransactionTimeout = SQLState(rawValue: "25P03")

    /// Raised by functions of ours while the data that a crash of the server took are being accounted for.
    package static let reconciling = SQLState(rawValue: "SH002")

    var errorClass: Substring { rawValue.prefix(2) }

    /// The session is gone or cannot be had just now; another one later may well be.
    var meansConnectionLoss: Bool {
        errorClass == "08"
            || [
                .tooManyConnections, .adminShutdown, .crashShutdown, .cannotConnectNow, .idleSessionTimeout,
                .idleInTransactionTimeout,
                // A primary that became a standby: another server of the list, or this one later, takes writes.
                .readOnlyTransaction,
            ].contains(self)
    }

    /// The server lives but cannot do it now: no disk, no memory, no time, or not recovered yet. It did nothing.
    var meansShortage: Bool {
        errorClass == "53" && self != .tooManyConnections
            || [.reconciling, .inputOutputError, .queryCancelled].contains(self)
    }

    /// The transaction lost against another and was rolled back; the same again may succeed.
    var meansContention: Bool {
        [.serializationFailure, .deadlockDetected, .lockNotAvailable].contains(self)
    }

    var meansRefusal: Bool { self == .insufficientPrivilege || errorClass == "28" }
}
