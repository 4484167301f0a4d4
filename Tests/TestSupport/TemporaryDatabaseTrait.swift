import Foundation
import Postgres
package import Testing

/// Gives each test of a suite, or one test, a database of its own: `try TemporaryDatabase.current`.
///
/// Without server programs a test is skipped on a laptop and fails under `CI=true`.
package struct TemporaryDatabaseTrait: SuiteTrait, TestTrait, TestScoping {
    let template: DatabaseTemplate

    /// Each test of a suite, not the suite as a whole.
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server: TestServer
        do {
            server = try TestServer.shared.get()
        } catch  where ProcessInfo.processInfo.environment["CI"] != "true" {
            try Test.cancel("\(error)")
        }
        try await server.withDatabase(copiedFrom: template) { database in
            try await TemporaryDatabase.$own.withValue(database, operation: function)
        }
    }
}

extension Trait where Self == TemporaryDatabaseTrait {
    package static func temporaryDatabase(_ template: DatabaseTemplate) -> Self { Self(template: template) }
}
