import ArgumentParser

/// How a command that prints data prints it.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print one JSON document instead of text.")
    var isJSON = false
}
