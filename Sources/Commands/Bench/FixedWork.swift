package import Models
package import Tensors

/// Work of fixed shapes on random numbers, for comparisons: the same can be written in PyTorch, and is in
/// `Deploy/compare-pytorch`.
package enum FixedWork: String, CaseIterable, Codable, Sendable {
    /// Forward, backward and AdamW of the whole image tower, eight pictures of its native size.
    case towerTraining = "tower-training"
    /// Forward and backward of the whole tower, one picture of 1,024 pixels.
    case tower1024 = "tower-1024"
    /// A CLIPSelf step: the frozen teacher on 18 crops, the student's dense map of one picture of 512 pixels pooled over
    /// 18 regions, and the gradient of all blocks.
    case clipSelf = "clipself"
    /// The same with the teacher's embeddings given.
    case clipSelfCached = "clipself-cached"
    /// A SILC step: eight pairs with two views of the model's native size, eight of three sevenths of it and a caption
    /// each, both losses, and the gradient of both towers and of the head.
    case silc
    /// One AdamW update of every number of the tower.
    case adamW = "adamw"

    /// What it is, in words for tables.
    package var title: String {
        switch self {
        case .towerTraining: "training step, 8 pictures"
        case .tower1024: "1,024 px, forward and backward"
        case .clipSelf: "CLIPSelf step, 512 px, 18 crops"
        case .clipSelfCached: "CLIPSelf step, targets cached"
        case .silc: "SILC step, 8 pairs, 2 + 8 views"
        case .adamW: "AdamW of the tower"
        }
    }

    /// Side of the picture that is differentiated, unless another is asked for; nil where the model decides.
    package var size: Int? {
        switch self {
        case .tower1024: 1024
        case .clipSelf, .clipSelfCached: 512
        case .towerTraining, .silc, .adamW: nil
        }
    }

    /// Draws weights and pictures and returns one repetition of the work.
    ///
    /// - Parameter size: of the picture instead of the work's own.
    package func prepared(
        _ model: ModelConfiguration,
        size: Int? = nil,
        on backend: any Backend
    ) throws -> any PreparedWork {
        let tower = model.vision
        let side = size ?? self.size ?? tower.imageHeight
        switch self {
        case .towerTraining:
            return try TowerWork(tower, images: 8, size: side, updates: true, on: backend)
        case .tower1024:
            return try TowerWork(tower, images: 1, size: side, updates: false, on: backend)
        case .clipSelf:
            return try CLIPSelfWork(tower, studentSize: side, isCached: false, on: backend)
        case .clipSelfCached:
            return try CLIPSelfWork(tower, studentSize: side, isCached: true, on: backend)
        case .silc:
            return try SILCWork(model, size: side, on: backend)
        case .adamW:
            return try AdamWWork(tower, on: backend)
        }
    }
}
