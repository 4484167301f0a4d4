package import Objectives

/// The `objective` section: a `kind` and, beside it, the settings of that kind.
package enum ObjectiveRecipe: Codable, Hashable, Sendable {
    case clipSelf(CLIPSelf.Configuration)
    case silc(SILC.Configuration)
    case combined(CombinedObjective.Configuration)
    case mvpSeg(MVPSEG.Configuration)
    case mvpSegPlus(MVPSEGPlus.Configuration)

    package enum Kind: String, Codable, CaseIterable, Sendable {
        case clipSelf = "clipself"
        case silc
        case combined
        case mvpSeg = "mvpseg"
        case mvpSegPlus = "mvpseg-plus"
    }

    package var kind: Kind {
        switch self {
        case .clipSelf: .clipSelf
        case .silc: .silc
        case .combined: .combined
        case .mvpSeg: .mvpSeg
        case .mvpSegPlus: .mvpSegPlus
        }
    }

    enum CodingKeys: String, CodingKey {
        case kind
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .clipSelf: self = .clipSelf(try CLIPSelf.Configuration(from: decoder))
        case .silc: self = .silc(try SILC.Configuration(from: decoder))
        case .combined: self = .combined(try CombinedObjective.Configuration(from: decoder))
        case .mvpSeg: self = .mvpSeg(try MVPSEG.Configuration(from: decoder))
        case .mvpSegPlus: self = .mvpSegPlus(try MVPSEGPlus.Configuration(from: decoder))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        switch self {
        case .clipSelf(let configuration): try configuration.encode(to: encoder)
        case .silc(let configuration): try configuration.encode(to: encoder)
        case .combined(let configuration): try configuration.encode(to: encoder)
        case .mvpSeg(let configuration): try configuration.encode(to: encoder)
        case .mvpSegPlus(let configuration): try configuration.encode(to: encoder)
        }
    }

    /// The settings of SILC, alone or as a part; nil where samples are not compared with each other.
    package var silc: SILC.Configuration? {
        switch self {
        case .clipSelf, .mvpSeg, .mvpSegPlus: nil
        case .silc(let configuration): configuration
        case .combined(let configuration): configuration.silc
        }
    }

    /// The settings by which labels of pixels are understood; nil where none are read.
    package var labelClasses: LabelClasses? {
        get {
            switch self {
            case .clipSelf, .silc, .combined: nil
            case .mvpSeg(let configuration): LabelClasses(configuration.classes, unseen: configuration.unseen)
            case .mvpSegPlus(let configuration): LabelClasses(configuration.classes, unseen: configuration.unseen)
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .clipSelf, .silc, .combined: return
            case .mvpSeg(var configuration):
                (configuration.classes, configuration.unseen) = (newValue.text, newValue.unseen)
                self = .mvpSeg(configuration)
            case .mvpSegPlus(var configuration):
                (configuration.classes, configuration.unseen) = (newValue.text, newValue.unseen)
                self = .mvpSegPlus(configuration)
            }
        }
    }
}
