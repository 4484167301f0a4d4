/// What a pixel is that is none of the classes. A rule that does not fit a data set ruins its score.
package enum SegmentationBackground: Hashable, Sendable {
    /// Every pixel is one of the classes.
    case none
    /// The scorer's last class stands for it.
    case lastClass
    /// Where no class is as probable as this.
    case threshold(Double)
}
