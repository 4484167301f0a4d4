/// Which views captions are matched to. Strong changes of colour on those views would teach that a caption's colours mean
/// nothing.
///
/// - SeeAlso: Tschannen et al. 2025, SigLIP 2, arXiv:2502.14786, for matching captions to the clean picture.
package enum TextViewPolicy: String, Codable, Sendable, CaseIterable {
    /// Global views are cropped and mirrored only, and serve captions and teacher.
    case globalsWeak = "globals-weak"
    /// Global views change in colour like local ones.
    case globalsStrong = "globals-strong"
    /// Captions are matched to one further view, the whole picture unchanged; global views, which then are the teacher's
    /// alone, change in colour like local ones.
    case clean
}
