import ArgumentParser
import Models

extension DenseReadout.Tail: ExpressibleByArgument {}

/// How one vector a patch is read out of the image tower.
struct ReadoutOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How patches are read out of the last block: value-residual (as in CLIPSelf's training), value-only, qq, kk, \
            qq+kk, vanilla, or a full name such as kk/full/σ5. The default is value-residual, with prompts theirs.
            """,
            valueName: "name"
        )
    )
    var readout: String?

    @Option(help: "What of the last block follows: full (residual and MLP) or reduced; by default the read-out's own.")
    var tail: DenseReadout.Tail?

    @Option(
        help: ArgumentHelp(
            "Width in patches of the neighbourhood that qq, kk and qq+kk prefer, or off; by default 5 for kk, else off.",
            valueName: "patches|off"
        )
    )
    var sigma: String?

    func validate() throws {
        do { _ = try self.readout() } catch let error as ModelsError { throw ValidationError("\(error)") }
    }

    /// - Parameter usual: where none is named.
    /// - Throws: `ModelsError`, `ValidationError`
    func readout(usual: DenseReadout = .valueResidual) throws -> DenseReadout {
        let named = try readout.map { name throws(ModelsError) in try DenseReadout(name) } ?? usual
        if tail == nil, sigma == nil { return named }
        let width: Double?
        switch sigma {
        case nil: width = named.sigma
        case "off": width = nil
        case .some(let text):
            guard let number = Double(text) else { throw ValidationError("--sigma \(text): give a number, or off.") }
            width = number
        }
        return try DenseReadout(named.name, tail: tail ?? named.tail, sigma: width)
    }
}
