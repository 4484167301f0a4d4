import Foundation
import Tensors

/// The machine that numbers come from; without it they say nothing.
package struct BenchMachine: Codable, Hashable, Sendable {
    /// The processor's name for itself.
    package var processor: String
    /// CPUs that the system schedules on.
    package var cpus: Int
    /// Cores as the system, or the hypervisor, tells them apart; fewer than `cpus` where these are hyperthreads.
    package var cores: Int
    /// Cores' worth of time that the container may use; nil without a limit.
    package var coreQuota: Double?
    /// Which build of the kernels runs, such as `x86-64-v4`.
    package var kernelLevel: String
    /// What decides the last bit here.
    package var numericProfile: String
    package var memoryBytes: Int
    package var system: String

    package init(
        processor: String,
        cpus: Int,
        cores: Int,
        coreQuota: Double? = nil,
        kernelLevel: String,
        numericProfile: String,
        memoryBytes: Int,
        system: String
    ) {
        self.processor = processor
        self.cpus = cpus
        self.cores = cores
        self.coreQuota = coreQuota
        self.kernelLevel = kernelLevel
        self.numericProfile = numericProfile
        self.memoryBytes = memoryBytes
        self.system = system
    }

    /// This machine.
    package static func read() -> BenchMachine {
        let cpus = ProcessInfo.processInfo.activeProcessorCount
        let siblings = (0..<cpus).map { text("/sys/devices/system/cpu/cpu\($0)/topology/thread_siblings_list") }
        return BenchMachine(
            processor: text("/proc/cpuinfo").flatMap(processorName) ?? "unknown processor",
            cpus: cpus,
            cores: coreCount(siblings: siblings),
            coreQuota: text("/sys/fs/cgroup/cpu.max").flatMap(Machine.coreQuota),
            kernelLevel: CPUBackend.kernelLevel,
            numericProfile: CPUBackend.numericProfile,
            memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory),
            system: ProcessInfo.processInfo.operatingSystemVersionString
        )
    }

    /// The name of `/proc/cpuinfo`'s first processor; nil where it has none, as on arm64.
    package static func processorName(cpuinfo: String) -> String? {
        let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// CPUs that name the same siblings share a core; one that names none is a core of its own.
    package static func coreCount(siblings: [String?]) -> Int {
        Set(siblings.compactMap { $0 }).count + siblings.count { $0 == nil }
    }

    /// Two lines for people.
    package var text: String {
        let threads = cores < cpus ? "\(cpus) hyperthreads of \(cores) cores" : "\(cpus) cores"
        let quota = coreQuota.map { String(format: ", of which %.1f may be used", $0) } ?? ""
        return """
            machine  \(processor), \(threads)\(quota), \(Units.bytes(memoryBytes)) memory, \(system)
            kernels  \(kernelLevel)
            """
    }

    private static func text(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
