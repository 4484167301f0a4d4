import Postgres

/// Why a gradient may not enter the sum: one stable word for the ledger, and the facts for people.
package struct GradientRejection: Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable, PostgresEncodable, PostgresDecodable {
        /// The stored bytes are not those of the manifest.
        case digest
        /// The parts are not those of the run's layout.
        case layout
        /// More units than the recipe can make of so many samples, or a gradient for none.
        case counts
        /// A value or a loss that is no number.
        case nonfinite
        /// The norm that the worker reported is not that of its payload.
        case report
        /// Far out of line with the run's history.
        case norm
    }

    package let reason: Reason
    package let detail: String

    package init(_ reason: Reason, _ detail: String) { (self.reason, self.detail) = (reason, detail) }
}
