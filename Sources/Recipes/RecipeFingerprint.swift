import Crypto
import Foundation

/// Identity of a resolved recipe: SHA-256 over its canonical JSON.
///
/// A worker computes it again from what it read and refuses the run if it differs, which catches a stored key that
/// its own release does not know.
package struct RecipeFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    package let bytes: [UInt8]

    package init(of recipe: Recipe) throws(RecipeError) {
        bytes = Array(SHA256.hash(data: Data(try recipe.canonicalJSON().utf8)))
    }

    /// 64 hexadecimal digits.
    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
