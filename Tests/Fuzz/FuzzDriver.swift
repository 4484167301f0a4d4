import Foundation

/// The half that watches: one child after the other, each begun anew behind the input that ended the one before.
struct FuzzDriver {
    /// After so many findings a decoder needs its author, not more inputs.
    private static let findingLimit = 10

    private let options: FuzzOptions
    private let workspace: FuzzWorkspace

    init(_ options: FuzzOptions) throws {
        self.options = options
        // Memory rather than disk, where there is such a place.
        let shared = "/dev/shm"
        let parent = access(shared, W_OK) == 0 ? shared : NSTemporaryDirectory()
        workspace = FuzzWorkspace(directory: "\(parent)/stillhouse-fuzz-\(UUID().uuidString)")
    }

    func run() throws -> FuzzReport {
        try FileManager.default.createDirectory(atPath: workspace.directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: workspace.directory) }
        // A backtrace takes longer than a thousand inputs; the input itself is saved.
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        var report = FuzzReport(seed: options.seed)
        for name in options.decoders {
            guard let decoder = FuzzDecoder.named(name) else { continue }
            try run(decoder, into: &report)
            let count = report.findings.count { $0.decoder == name }
            FileHandle.standardError.write(Data("\(name): done, \(count) findings\n".utf8))
        }
        return report
    }

    private func run(_ decoder: FuzzDecoder, into report: inout FuzzReport) throws {
        var row = FuzzReport.Row(decoder: decoder.name, memoryBound: decoder.memoryBound)
        var next = options.first
        let end = options.first + options.inputCount
        var findingCount = 0
        while next < end, findingCount < Self.findingLimit {
            _ = try workspace.write([UInt8](repeating: 0, count: 8), to: "progress")
            let progress = try FuzzProgress(mapping: workspace.path("progress"))
            progress.index = next
            let ending = try child(decoder, next..<end)
            for (index, what) in take(try lines("output"), into: &row) {
                report.findings.append(try finding(decoder, index, what))
                findingCount += 1
            }
            if let ending {
                report.findings.append(try finding(decoder, progress.index, ending))
                findingCount += 1
                row.inputCount += progress.index + 1 - next
                next = progress.index + 1
            } else {
                row.inputCount += end - next
                next = end
            }
        }
        report.rows.append(row)
    }

    /// Runs a child to its end.
    ///
    /// - Returns: how it failed, or nil.
    private func child(_ decoder: FuzzDecoder, _ range: Range<Int>) throws -> String? {
        let process = Process()
        process.executableURL = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = FuzzChild.arguments(
            decoder.name,
            seed: options.seed,
            range: range,
            directory: workspace.directory
        )
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try handle("output")
        process.standardError = try handle("errors")
        try process.run()
        process.waitUntilExit()
        switch (process.terminationReason, process.terminationStatus) {
        case (.exit, 0): return nil
        case (.exit, let status): return "ended with code \(status): \(try complaint())"
        case (_, SIGPROF): return "took more than \(FuzzLimits.cpuSeconds) s of processor time"
        case (_, SIGALRM): return "gave no answer within \(FuzzLimits.wallSeconds) s"
        case (_, let signal):
            return "died of signal \(signal) (a trap, or more memory than its bound): \(try complaint())"
        }
    }

    private func handle(_ name: String) throws -> FileHandle {
        try FileHandle(forWritingTo: URL(fileURLWithPath: try workspace.write([], to: name)))
    }

    private func lines(_ name: String) throws -> [String] {
        try String(contentsOfFile: workspace.path(name), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// The line that names the cause, such as `Fatal error: …`.
    private func complaint() throws -> String {
        let lines = try lines("errors")
        return lines.first { $0.contains("atal error") } ?? lines.first ?? "without a word"
    }

    /// Adds what a child printed; returns what it found itself.
    private func take(_ lines: [String], into row: inout FuzzReport.Row) -> [(index: Int, what: String)] {
        var found: [(index: Int, what: String)] = []
        for line in lines {
            let fields = line.split(separator: "\t").map(String.init)
            switch (fields.first, fields.count) {
            case ("accepted", 2): row.acceptedCount += Int(fields[1]) ?? 0
            case ("refused", 3): row.refused[fields[1], default: 0] += Int(fields[2]) ?? 0
            case ("wrong", 3): found.append((Int(fields[1]) ?? 0, fields[2]))
            case ("peak", 2): row.peakKibibytes = max(row.peakKibibytes, Int(fields[1]) ?? 0)
            case ("slowest", 3):
                let duration = Int(fields[1]) ?? 0
                if duration >= row.slowestMicroseconds {
                    (row.slowestMicroseconds, row.slowestIndex) = (duration, Int(fields[2]) ?? 0)
                }
            default: break
            }
        }
        return found
    }

    private func finding(_ decoder: FuzzDecoder, _ index: Int, _ what: String) throws -> FuzzFinding {
        let bytes = decoder.input(index, seed: options.seed, corpus: try decoder.corpus())
        try FileManager.default.createDirectory(atPath: options.artifacts, withIntermediateDirectories: true)
        let path = "\(options.artifacts)/\(decoder.name)-seed\(options.seed)-input\(index)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return FuzzFinding(decoder: decoder.name, seed: options.seed, index: index, what: what, path: path)
    }
}
