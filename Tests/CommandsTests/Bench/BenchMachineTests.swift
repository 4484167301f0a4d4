import Commands
import Testing

@Suite("The machine of a benchmark") struct BenchMachineTests {
    @Test("the processor's name comes from the first that is listed")
    func names() {
        let listed = "processor\t: 0\nmodel name\t: Fast: CPU @ 3 GHz\nprocessor\t: 1\nmodel name\t: Slow\n"
        #expect(BenchMachine.processorName(cpuinfo: listed) == "Fast: CPU @ 3 GHz")
        #expect(BenchMachine.processorName(cpuinfo: "processor\t: 0\nBogoMIPS\t: 50\n") == nil)
        #expect(BenchMachine.processorName(cpuinfo: "model name\t:\n") == nil)
    }

    @Test("CPUs that name the same siblings are hyperthreads of one core")
    func cores() {
        #expect(BenchMachine.coreCount(siblings: ["0,2", "1,3", "0,2", "1,3"]) == 2)
        #expect(BenchMachine.coreCount(siblings: ["0", "1"]) == 2)
        #expect(BenchMachine.coreCount(siblings: [nil, nil, nil]) == 3)
    }

    @Test("hyperthreads are called so, and cores are not")
    func text() {
        var machine = BenchMachine(
            processor: "CPU",
            cpus: 4,
            cores: 2,
            kernelLevel: "x86-64-v4",
            numericProfile: "cpu x86-64",
            memoryBytes: 8_000_000_000,
            system: "Linux"
        )
        #expect(machine.text.contains("4 hyperthreads of 2 cores"))
        machine.cores = 4
        machine.coreQuota = 1.5
        #expect(machine.text.contains("4 cores, of which 1.5 may be used, 8.0 GB memory"))
    }

    @Test("this machine has a processor, cores and memory")
    func here() {
        let machine = BenchMachine.read()
        #expect(!machine.processor.isEmpty)
        #expect((1...machine.cpus).contains(machine.cores))
        #expect(machine.memoryBytes > 1 << 20)
        #expect(PeakMemory.bytes > 1 << 20)
    }
}
