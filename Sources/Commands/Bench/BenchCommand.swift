import ArgumentParser

/// The group of commands that measure.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this machine: products, kernels, training steps, the store, the queue, jobs, the tokenizer.",
        discussion: """
            Each prints the machine, the best that it did in the same run (multiply-adds in registers, copying memory), \
            the floor that follows from the operations and bytes of the work, and how far the work is from it. What is \
            compared is measured in turn, A B A B; numbers are medians, with the lowest and the highest beside them.
            """,
        subcommands: [
            BenchGemmCommand.self, BenchOpsCommand.self, BenchStepCommand.self, StoreBenchCommand.self,
            QueueBenchCommand.self, BenchE2ECommand.self, BenchTokenizerCommand.self,
        ]
    )
}
