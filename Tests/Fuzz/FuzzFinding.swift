/// An input that broke a promise.
struct FuzzFinding: CustomStringConvertible {
    let decoder: String
    let seed: UInt64
    let index: Int
    let what: String
    /// Where the input is kept.
    let path: String

    var description: String {
        """
        FOUND \(decoder), input \(index) of seed \(seed): \(what)
              input: \(path)
              again: Deploy/fuzz --seed \(seed) --first \(index) --inputs 1 \(decoder)
        """
    }
}
