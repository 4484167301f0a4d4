package import Checkpoints

/// Identity of a resolved recipe: SHA-256 over its canonical JSON.
///
/// A worker computes it again from what it read and refuses the run if it differs, which catches a stored key that
/// its own release does not know.
package struct RecipeFingerprint: Hashable, Sendable, CustomStringConvertible {
    package let digest: Digest

    package init(of recipe: Recipe) throws(RecipeError) {
        digest = Digest(of: try recipe.canonicalJSON().utf8)
    }

    /// 64 hexadecimal digits.
    package var description: String { digest.description }
}
