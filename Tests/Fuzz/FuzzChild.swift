import Foundation

/// The half that decodes: a range of inputs of one decoder, then its counts on standard output.
struct FuzzChild {
    static let flag = "--child"

    let decoder: FuzzDecoder
    let seed: UInt64
    let range: Range<Int>
    let workspace: FuzzWorkspace

    /// Arguments as ``arguments(_:seed:range:directory:)`` makes them.
    init(_ arguments: ArraySlice<String>) throws {
        let values = Array(arguments)
        guard values.count == 5, let decoder = FuzzDecoder.named(values[0]), let seed = UInt64(values[1]),
            let first = Int(values[2]), let end = Int(values[3]), first <= end
        else { throw FuzzOptions.Misuse(description: "\(Self.flag) is for the program itself") }
        (self.decoder, self.seed, range) = (decoder, seed, first..<end)
        workspace = FuzzWorkspace(directory: values[4])
    }

    static func arguments(_ decoder: String, seed: UInt64, range: Range<Int>, directory: String) -> [String] {
        [flag, decoder, "\(seed)", "\(range.lowerBound)", "\(range.upperBound)", directory]
    }

    /// One line a fact, parted by tabs: `accepted n`, `refused case n`, `wrong index text`, `slowest µs index`, `peak KiB`.
    func run() async throws {
        let progress = try FuzzProgress(mapping: workspace.path("progress"))
        let corpus = try decoder.corpus()
        let before = FuzzLimits.status("VmHWM")
        FuzzLimits.boundMemory(megabytes: decoder.memoryBound)
        var accepted = 0
        var refused: [String: Int] = [:]
        var slowest = (duration: Duration.zero, index: range.lowerBound)
        let parent = getppid()
        for index in range where getppid() == parent {  // without a parent nobody would read the rest
            progress.index = index
            let bytes = decoder.input(index, seed: seed, corpus: corpus)
            FuzzLimits.startInput()
            let start = ContinuousClock.now
            switch await decoder.decode(bytes, workspace) {
            case .accepted: accepted += 1
            case .refused(let label): refused[label, default: 0] += 1
            case .wrong(let reason): print("wrong", index, Self.line(reason), separator: "\t")
            }
            let duration = start.duration(to: .now)
            if duration > slowest.duration { slowest = (duration, index) }
        }
        print("accepted", accepted, separator: "\t")
        for (label, count) in refused { print("refused", Self.line(label), count, separator: "\t") }
        print("slowest", Int(slowest.duration / .microseconds(1)), slowest.index, separator: "\t")
        print("peak", max(0, FuzzLimits.status("VmHWM") - before), separator: "\t")
    }

    private static func line(_ text: String) -> String {
        String(text.prefix(300)).replacing("\n", with: " ").replacing("\t", with: " ")
    }
}
