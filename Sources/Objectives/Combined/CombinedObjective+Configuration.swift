package import Models

extension CombinedObjective {
    /// What a recipe says under `objective` with `kind: combined`; defaults stand in
    /// `Configs/recipes/defaults/combined.yaml`.
    package struct Configuration: Codable, Hashable, Sendable {
        /// The parts; each has its weight among its settings.
        package var silc: SILC.Configuration
        package var clipself: Regions

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case silc, clipself
        }

        package init(silc: SILC.Configuration, clipself: Regions = Regions()) {
            self.silc = silc
            self.clipself = clipself
        }

        /// CLIPSelf's term: the cells of a random grid over the first global view.
        package struct Regions: Codable, Hashable, Sendable {
            package var weight: Double
            /// M of the grid rule.
            package var gridLimit: Int
            package var regionsPerImage: Int
            /// Enlargement of the teacher's crop about its centre, per side.
            package var cropScale: Double

            package enum CodingKeys: String, CodingKey, CaseIterable {
                case weight
                case gridLimit = "grid_limit"
                case regionsPerImage = "regions_per_image"
                case cropScale = "crop_scale"
            }

            package init(
                weight: Double = 1,
                gridLimit: Int = 4,
                regionsPerImage: Int = 8,
                cropScale: Double = 1
            ) {
                self.weight = weight
                self.gridLimit = gridLimit
                self.regionsPerImage = regionsPerImage
                self.cropScale = cropScale
            }
        }

        /// What is wrong whatever the model; `key` is prefixed with `prefix`.
        package func problems(under prefix: String) -> [SettingProblem] {
            var problems = silc.problems(under: "\(prefix).silc")
            func key(_ name: Regions.CodingKeys) -> String { "\(prefix).clipself.\(name.rawValue)" }
            let (weight, limit) = (clipself.weight, clipself.gridLimit)
            problems.require(weight > 0 && weight <= 1000, key(.weight), weight, "above 0 and at most 1000")
            problems.require((1...16).contains(limit), key(.gridLimit), limit, "from 1 to 16")
            let (count, scale) = (clipself.regionsPerImage, clipself.cropScale)
            problems.require((1...1024).contains(count), key(.regionsPerImage), count, "from 1 to 1024")
            problems.require((0.1...10).contains(scale), key(.cropScale), scale, "from 0.1 to 10")
            problems.require(
                silc.distils,
                "\(prefix).silc.distillation_weight",
                silc.distillationWeight,
                "above 0, as the regions' teacher is the one that moves with it"
            )
            problems.require(
                silc.views.text != .clean,
                "\(prefix).silc.views.text",
                silc.views.text.rawValue,
                "globals-weak or globals-strong, as regions lie in a global view that the student encodes"
            )
            return problems
        }

        /// The same, and what does not suit the model.
        package func problems(under prefix: String, for model: ModelConfiguration) -> [SettingProblem] {
            var problems = problems(under: prefix)
            let suited = silc.problems(under: "\(prefix).silc", for: model)
            problems += suited.filter { !problems.contains($0) }
            let tower = model.vision
            problems.require(
                tower.imageWidth == tower.imageHeight && tower.layers > 0,
                "model",
                "\(tower.imageWidth) × \(tower.imageHeight) pixels, \(tower.layers) blocks",
                "one with square pictures, for the teacher's crops, and with blocks, for the dense read-out"
            )
            return problems
        }
    }
}
