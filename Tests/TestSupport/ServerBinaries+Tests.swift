import Foundation
package import Postgres
import Testing

extension ServerBinaries {
    /// The server programs, found once; without them the running test is skipped on a laptop and fails under `CI=true`.
    package static func forTests() throws -> ServerBinaries {
        switch found {
        case .success(let binaries):
            return binaries
        case .failure(let error):
            if ProcessInfo.processInfo.environment["CI"] == "true" { throw error }
            try Test.cancel("\(error)")
        }
    }

    private static let found = Result { try find(environment: ProcessInfo.processInfo.environment) }
}
