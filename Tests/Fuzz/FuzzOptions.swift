import Foundation

/// What the command line asks for.
struct FuzzOptions {
    struct Misuse: Error, CustomStringConvertible {
        let description: String
    }

    var inputCount = 100_000
    /// Number of the first input; with one input, the way to see a finding again.
    var first = 0
    var seed: UInt64 = 1
    /// Where inputs that failed are kept.
    var artifacts = "fuzz-findings"
    var decoders: [String] = []

    init(_ arguments: [String]) throws(Misuse) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--inputs": inputCount = try Self.number(rest.popFirst(), argument)
            case "--first": first = try Self.number(rest.popFirst(), argument)
            case "--seed": seed = try Self.number(rest.popFirst(), argument)
            case "--artifacts":
                guard let path = rest.popFirst() else { throw Misuse(description: "--artifacts needs a directory") }
                artifacts = path
            default:
                guard FuzzDecoder.named(argument) != nil else {
                    let known = FuzzDecoder.all.map(\.name).joined(separator: ", ")
                    throw Misuse(description: "there is no option or decoder \(argument). Decoders: \(known)")
                }
                decoders.append(argument)
            }
        }
        if decoders.isEmpty { decoders = FuzzDecoder.all.map(\.name) }
    }

    private static func number<Number: FixedWidthInteger>(
        _ text: String?,
        _ option: String
    ) throws(Misuse) -> Number {
        guard let number = text.flatMap({ Number($0) }), number >= 0 else {
            throw Misuse(description: "\(option) needs a whole number")
        }
        return number
    }
}
