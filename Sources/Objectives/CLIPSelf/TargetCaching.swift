/// Whether what the teacher says of a crop is kept for whoever meets that crop again: `cache_targets`.
///
/// It pays where crops recur. The boxes of an annotation file are the same in every epoch: COCO's train2017 has some
/// 860,000 fit boxes, at 1 KiB a target (512 numbers of 2 bytes, ViT-B/16) 0.9 GB, complete after one epoch of six. The
/// cells of patches mode are drawn anew: six epochs draw 78 crops of an image, of which 71 differ, out of 361 possible
/// ones, which would take 44 GB.
package enum TargetCaching: String, Codable, Sendable, CaseIterable {
    /// On for proposals, off for patches.
    case auto
    case on
    case off
}
