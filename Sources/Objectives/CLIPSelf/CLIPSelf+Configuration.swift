package import Models

extension CLIPSelf {
    /// What a recipe says under `objective` with `kind: clipself`; defaults stand in `Configs/recipes/defaults/clipself.yaml`.
    package struct Configuration: Codable, Hashable, Sendable {
        /// Where regions come from: a random grid over the image, or the boxes of the annotation file.
        package enum RegionSource: String, Codable, Sendable, CaseIterable {
            case patches
            case proposals
        }

        package var regions: RegionSource
        /// Side S of the square student picture in pixels; the grid has S/p cells a side.
        package var studentSize: Int
        /// M of the grid rule; 6 gives the paper's 24 pairs.
        package var gridLimit: Int
        /// Most regions of one image that are used in one epoch.
        package var regionsPerImage: Int
        /// Enlargement of the teacher's crop about its centre, per side: 1 for cells, 1.5 for proposals.
        package var cropScale: Double
        /// Proposals only: drop boxes of unfit size before the cap instead of after it.
        package var filtersBeforeCap: Bool
        /// Proposals only: a box is used if its area lies in `minimumSide² ... maximumSide²` original pixels.
        package var minimumSide: Double
        package var maximumSide: Double
        /// Groups that train, counted from the end: the blocks, then positions, then the stem.
        package var unlockedGroups: Int
        /// Lets weight decay act on the last block's query and key rows, which the dense path never reads.
        package var decaysUnusedQK: Bool
        /// Student images in one graph. It bounds memory; results agree to rounding only between different values.
        package var studentBatch: Int
        /// Teacher crops in one forward pass; the last pass of an image may hold fewer.
        package var teacherBatch: Int
        /// Whether targets are rounded to fp16 and kept. Absent in recipes stored before there was a choice: off.
        package var cacheTargets: TargetCaching?

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case regions
            case studentSize = "student_size"
            case gridLimit = "grid_limit"
            case regionsPerImage = "regions_per_image"
            case cropScale = "crop_scale"
            case filtersBeforeCap = "filter_before_cap"
            case minimumSide = "minimum_side"
            case maximumSide = "maximum_side"
            case unlockedGroups = "unlocked_groups"
            case decaysUnusedQK = "decay_unused_qk"
            case studentBatch = "student_batch"
            case teacherBatch = "teacher_batch"
            case cacheTargets = "cache_targets"
        }

        package init(
            regions: RegionSource = .patches,
            studentSize: Int,
            gridLimit: Int = 6,
            regionsPerImage: Int = 20,
            cropScale: Double = 1,
            filtersBeforeCap: Bool = false,
            minimumSide: Double = 8,
            maximumSide: Double = 1024,
            unlockedGroups: Int,
            decaysUnusedQK: Bool = false,
            studentBatch: Int = 1,
            teacherBatch: Int = 20,
            cacheTargets: TargetCaching? = .auto
        ) {
            self.regions = regions
            self.studentSize = studentSize
            self.gridLimit = gridLimit
            self.regionsPerImage = regionsPerImage
            self.cropScale = cropScale
            self.filtersBeforeCap = filtersBeforeCap
            self.minimumSide = minimumSide
            self.maximumSide = maximumSide
            self.unlockedGroups = unlockedGroups
            self.decaysUnusedQK = decaysUnusedQK
            self.studentBatch = studentBatch
            self.teacherBatch = teacherBatch
            self.cacheTargets = cacheTargets
        }

        /// Part of what a recipe means, so it must never change for a given recipe: rounding changes bits.
        package var keepsTargets: Bool {
            switch cacheTargets {
            case .auto: regions == .proposals
            case .on: true
            case .off, nil: false
            }
        }

        /// What is wrong whatever the model; `key` is prefixed with `prefix`.
        package func problems(under prefix: String) -> [SettingProblem] {
            var problems: [SettingProblem] = []
            func key(_ name: CodingKeys) -> String { "\(prefix).\(name.rawValue)" }
            problems.require((1...8192).contains(studentSize), key(.studentSize), studentSize, "from 1 to 8192 pixels")
            problems.require((1...16).contains(gridLimit), key(.gridLimit), gridLimit, "from 1 to 16")
            problems.require(
                (1...1024).contains(regionsPerImage),
                key(.regionsPerImage),
                regionsPerImage,
                "from 1 to 1024"
            )
            problems.require((0.1...10).contains(cropScale), key(.cropScale), cropScale, "from 0.1 to 10")
            problems.require(minimumSide >= 0, key(.minimumSide), minimumSide, "0 or more")
            problems.require(
                maximumSide > minimumSide && maximumSide.isFinite,
                key(.maximumSide),
                maximumSide,
                "larger than minimum_side (\(minimumSide)) and finite"
            )
            problems.require(unlockedGroups >= 0, key(.unlockedGroups), unlockedGroups, "0 or more")
            problems.require((1...64).contains(studentBatch), key(.studentBatch), studentBatch, "from 1 to 64")
            problems.require((1...1024).contains(teacherBatch), key(.teacherBatch), teacherBatch, "from 1 to 1024")
            return problems
        }

        /// The same, and what does not suit the model.
        package func problems(under prefix: String, for tower: VisionTransformer.Configuration) -> [SettingProblem] {
            var problems = problems(under: prefix)
            let patch = tower.patchSize
            problems.require(
                studentSize % patch == 0,
                "\(prefix).student_size",
                studentSize,
                "a multiple of the model's patch size, \(patch)"
            )
            problems.require(
                unlockedGroups <= tower.layers + 2,
                "\(prefix).unlocked_groups",
                unlockedGroups,
                "from 0 to \(tower.layers + 2): \(tower.layers) blocks, the positions, the stem"
            )
            problems.require(
                tower.imageWidth == tower.imageHeight,
                "model",
                "\(tower.imageWidth) × \(tower.imageHeight) pixels",
                "one with square pictures, for the teacher's crops"
            )
            problems.require(
                tower.layers > 0,
                "model",
                "without blocks",
                "one with at least one block, for the dense read-out"
            )
            return problems
        }
    }
}
