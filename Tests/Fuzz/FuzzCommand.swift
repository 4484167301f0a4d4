import Foundation

/// `Fuzz [--inputs N] [--first I] [--seed S] [--artifacts DIRECTORY] [decoder …]`: feeds mutated inputs to our decoders.
///
/// Every decoder runs in a child process, so that a crash, a hang or hoarding of memory is a finding with its input
/// saved, and the run goes on with the next input. Exit code 1 when something was found.
@main
struct FuzzCommand {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if arguments.first == FuzzChild.flag {
                try await FuzzChild(arguments.dropFirst()).run()
                exit(0)
            }
            let options = try FuzzOptions(arguments)
            let report = try FuzzDriver(options).run()
            print(report)
            exit(report.findings.isEmpty ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
            exit(64)
        }
    }
}
