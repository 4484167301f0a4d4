import ArgumentParser

/// Which run a command is about, where it can be left out.
struct RunOptions: ParsableArguments {
    @Option(name: .customLong("run"), help: "Name of the run; by default the oldest active one, else the newest.")
    var name: String?
}
