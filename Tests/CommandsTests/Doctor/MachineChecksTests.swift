import Commands
import Foundation
import Stores
import TestSupport
import Testing

@Suite("The checks of the machine")
struct MachineChecksTests {
    private var good: Machine {
        Machine(
            numericProfile: "cpu x86-64-v4",
            kernelLevel: "x86-64-v4",
            coreCount: 8,
            memory: 64_000_000_000,
            openFileLimit: 4096,
            cache: .init(directory: "/cache", isWritable: true, space: DiskSpace(free: 1 << 40, capacity: 1 << 41))
        )
    }

    private func severities(_ machine: Machine) async throws -> [Finding.Severity] {
        let checks: [any Check] = [
            KernelCheck(machine), ThreadCheck(machine), MemoryCheck(machine), OpenFilesCheck(machine),
            CacheCheck(machine.cache),
        ]
        var severities: [Finding.Severity] = []
        for check in checks { severities += try await check.findings().map(\.severity) }
        return severities
    }

    @Test("a good machine is all right")
    func clean() async throws {
        #expect(try await severities(good) == [.ok, .ok, .ok, .ok, .ok])
    }

    @Test("a processor without wide vectors is told")
    func kernels() async throws {
        var machine = good
        machine.kernelLevel = "x86-64"
        #expect(try await KernelCheck(machine).findings().map(\.severity) == [.note])
    }

    @Test("a container's share of the cores decides how many threads make sense")
    func threads() async throws {
        var machine = good
        machine.coreQuota = 2.5
        let finding = try #require(try await ThreadCheck(machine).findings().first)
        #expect(finding.severity == .warning)
        #expect(finding.remedy == "stillhouse worker start --threads 2")
        machine.coreQuota = 8
        machine.libraryVariables = ["OPENBLAS_NUM_THREADS": "8", "OMP_NUM_THREADS": "4"]
        #expect(try await ThreadCheck(machine).findings().map(\.severity) == [.ok, .note, .note])
        #expect(Machine.coreQuota("150000 100000") == 1.5)
        #expect(Machine.coreQuota("max 100000") == nil)
    }

    @Test("little memory and few files are warnings, the container's limit counts")
    func limits() async throws {
        var machine = good
        machine.memoryLimit = 2_000_000_000
        machine.openFileLimit = 256
        let memory = try #require(try await MemoryCheck(machine).findings().first)
        #expect(memory.severity == .warning)
        #expect(memory.found == "2.0 GB by the container's limit, of 64.0 GB")
        #expect(try await OpenFilesCheck(machine).findings().map(\.severity) == [.warning])
    }

    @Test("a cache that cannot be written is an error, one without room a warning")
    func cache() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write([1], to: "file")
        let blocked = Machine.Cache(lookingAt: file + "/weights")
        #expect(try await CacheCheck(blocked).findings().map(\.severity) == [.error])
        // Not there yet, but the folder above it is; looking makes nothing.
        let fresh = Machine.Cache(lookingAt: directory("a/b/weights"))
        #expect(fresh.isWritable)
        #expect(try directory.names() == ["file"])
        let full = Machine.Cache(directory: "/cache", isWritable: true, space: DiskSpace(free: 1, capacity: 2))
        #expect(try await CacheCheck(full).findings().map(\.severity) == [.warning])
    }

    @Test("this machine can be read")
    func here() throws {
        let directory = try TemporaryDirectory()
        let machine = Machine.read(environment: ["OMP_NUM_THREADS": "3", "HOME": "/"], cacheDirectory: directory.path)
        #expect(machine.coreCount >= 1)
        #expect(machine.memory > 100_000_000)
        #expect(machine.openFileLimit > 0)
        #expect(machine.numericProfile == "cpu \(machine.kernelLevel)")
        #expect(["x86-64-v4", "x86-64-v3", "x86-64", "arm64"].contains(machine.kernelLevel))
        #expect(machine.libraryVariables == ["OMP_NUM_THREADS": "3"])
        #expect(machine.cache.isWritable)
        #expect(machine.cache.space != nil)
    }
}
