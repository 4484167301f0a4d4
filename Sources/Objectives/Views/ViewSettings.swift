/// How a sample is cut and coloured into views, as a recipe says under `views`.
///
/// - SeeAlso: Naeem et al. 2024, SILC, arXiv:2310.13355, for the number and area of crops; Caron et al. 2021, DINO,
///   arXiv:2104.14294, for the colours.
package struct ViewSettings: Codable, Hashable, Sendable {
    /// What captions are matched to, and so whether global views may change in colour.
    package var text: TextViewPolicy
    /// Width over height of a crop, drawn log-uniformly.
    package var aspectRange: SettingRange
    /// Probability that a view is mirrored; 0 where captions speak of left and right or of text in the picture.
    package var flip: Double
    package var jitter: Jitter
    /// Probability that a view loses its colour.
    package var gray: Double
    /// Of the blur in pixels of the view, drawn uniformly.
    package var sigmaRange: SettingRange
    package var global: Group
    package var local: Group
    /// Other sizes for the beginning of a run; afterwards, and without stages, those of the groups hold.
    package var stages: [Stage]

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case text
        case aspectRange = "aspect_range"
        case flip
        case jitter
        case gray
        case sigmaRange = "sigma_range"
        case global
        case local
        case stages
    }

    /// The paper's crops with DINO's colours.
    package init(
        text: TextViewPolicy = .globalsWeak,
        aspectRange: SettingRange = SettingRange(0.75, 4.0 / 3),
        flip: Double = 0.5,
        jitter: Jitter = Jitter(),
        gray: Double = 0.2,
        sigmaRange: SettingRange = SettingRange(0.1, 2),
        global: Group = .globals,
        local: Group = .locals,
        stages: [Stage] = []
    ) {
        self.text = text
        self.aspectRange = aspectRange
        self.flip = flip
        self.jitter = jitter
        self.gray = gray
        self.sigmaRange = sigmaRange
        self.global = global
        self.local = local
        self.stages = stages
    }

    /// The sides of views at an update counted from 0.
    package func sizes(at update: Int) -> ViewSizes {
        let stage = stages.first { stage in stage.untilUpdate.map { update < $0 } ?? true }
        return ViewSizes(global: stage?.globalSize ?? global.size, local: stage?.localSize ?? local.size)
    }

    /// All sizes that a run with these settings meets.
    package var allSizes: [ViewSizes] {
        let staged = stages.map { ViewSizes(global: $0.globalSize, local: $0.localSize) }
        let endless = stages.last.map { $0.untilUpdate == nil } ?? false
        return endless ? staged : staged + [ViewSizes(global: global.size, local: local.size)]
    }
}

extension ViewSettings {
    /// Views that are drawn alike: the global ones, or the local ones.
    package struct Group: Codable, Hashable, Sendable {
        package var count: Int
        /// Side of the square view in pixels; a multiple of the patch size.
        package var size: Int
        /// Share of the picture's area that a crop covers, drawn uniformly.
        package var areaRange: SettingRange
        /// Probability of a blur for the group's first view, its second, and so on; the last serves all that follow.
        package var blur: [Double]
        /// Probability that the light half of the levels is inverted, listed alike.
        package var solarise: [Double]

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case count
            case size
            case areaRange = "area_range"
            case blur
            case solarise
        }

        package init(count: Int, size: Int, areaRange: SettingRange, blur: [Double], solarise: [Double]) {
            self.count = count
            self.size = size
            self.areaRange = areaRange
            self.blur = blur
            self.solarise = solarise
        }

        package static let globals = Group(
            count: 2,
            size: 256,
            areaRange: SettingRange(0.4, 1),
            blur: [1, 0.1],
            solarise: [0, 0.2]
        )

        package static let locals = Group(
            count: 8,
            size: 96,
            areaRange: SettingRange(0.05, 0.4),
            blur: [0.5],
            solarise: [0]
        )
    }

    /// Changes of colour that fire together, each by an amount of its own, in an order of its own.
    package struct Jitter: Codable, Hashable, Sendable {
        package var probability: Double
        /// Greatest distance of the factor from 1; 0 leaves the change out.
        package var brightness: Double
        package var contrast: Double
        package var saturation: Double
        /// Greatest turn of the hue in shares of the circle, either way; 0 leaves the change out.
        package var hue: Double

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case probability
            case brightness
            case contrast
            case saturation
            case hue
        }

        package init(
            probability: Double = 0.8,
            brightness: Double = 0.4,
            contrast: Double = 0.4,
            saturation: Double = 0.2,
            hue: Double = 0.1
        ) {
            self.probability = probability
            self.brightness = brightness
            self.contrast = contrast
            self.saturation = saturation
            self.hue = hue
        }

        package func strength(of kind: ColorChange.Kind) -> Double {
            switch kind {
            case .brightness: brightness
            case .contrast: contrast
            case .saturation: saturation
            case .hue: hue
            }
        }
    }

    /// Sizes for the updates before a number, from the end of the stage before it. The last stage may do without the
    /// number: it then lasts to the end of the run.
    package struct Stage: Codable, Hashable, Sendable {
        package var untilUpdate: Int?
        package var globalSize: Int
        package var localSize: Int

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case untilUpdate = "until_update"
            case globalSize = "global_size"
            case localSize = "local_size"
        }

        package init(untilUpdate: Int?, globalSize: Int, localSize: Int) {
            self.untilUpdate = untilUpdate
            self.globalSize = globalSize
            self.localSize = localSize
        }
    }
}
