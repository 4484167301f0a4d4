import ArgumentParser
import Migrations
import Postgres

/// Shows the SQL of the migrations, for reading before it is run.
struct MigratePrintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print",
        abstract: "Print the SQL of the migrations; needs no database."
    )

    @Argument(help: "Numbers of the migrations; all by default.")
    var numbers: [Int] = []

    @Flag(name: .customLong("down"), help: "Print the way back instead, the newest first.")
    var isDown = false

    func validate() throws {
        for number in numbers where !Migration.all.contains(where: { $0.number == number }) {
            throw ValidationError(
                "There is no migration \(number): this build has 1 to \(Migration.all.last?.number ?? 0)."
            )
        }
    }

    func run() async throws {
        let chosen = Migration.all.filter { numbers.isEmpty || numbers.contains($0.number) }
        for migration in isDown ? chosen.reversed() : chosen {
            print("-- \(migration), \(isDown ? "down" : "up")\n\(isDown ? migration.down : migration.up)")
        }
    }
}
