import Foundation
import Stores
import Tensors

extension Machine {
    private static let libraryNames = [
        "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_CORETYPE",
    ]

    /// This machine as this process sees it.
    /// - Parameter cacheDirectory: where a worker started here would keep weights.
    package static func read(environment: [String: String], cacheDirectory: String) -> Machine {
        var limit = rlimit()
        let files = getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 ? limit.rlim_cur : 0
        return Machine(
            numericProfile: CPUBackend.numericProfile,
            kernelLevel: CPUBackend.kernelLevel,
            coreCount: ProcessInfo.processInfo.activeProcessorCount,
            coreQuota: text("/sys/fs/cgroup/cpu.max").flatMap(coreQuota),
            memory: Int(clamping: ProcessInfo.processInfo.physicalMemory),
            memoryLimit: text("/sys/fs/cgroup/memory.max").flatMap { Int($0) },
            openFileLimit: Int(clamping: files),
            libraryVariables: environment.filter { libraryNames.contains($0.key) },
            cache: Cache(lookingAt: cacheDirectory)
        )
    }

    /// `150000 100000` of cgroup's `cpu.max` is one and a half cores; `max 100000` is no limit.
    package static func coreQuota(_ text: String) -> Double? {
        let numbers = text.split(separator: " ").map { Double($0) }
        guard numbers.count == 2, let time = numbers[0], let period = numbers[1], period > 0 else { return nil }
        return time / period
    }

    private static func text(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension Machine.Cache {
    /// Makes nothing: a folder that is not there yet is judged by the nearest one above it that is.
    package init(lookingAt directory: String) {
        var existing = URL(filePath: directory).standardizedFileURL
        while !FileManager.default.fileExists(atPath: existing.path), existing.path != "/" {
            existing.deleteLastPathComponent()
        }
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: existing.path, isDirectory: &isDirectory)
        self.init(
            directory: directory,
            isWritable: isDirectory.boolValue && access(existing.path, W_OK | X_OK) == 0,
            space: DiskSpace(path: existing.path)
        )
    }
}
