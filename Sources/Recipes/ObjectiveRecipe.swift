package import Objectives

/// The `objective` section: a `kind` and, beside it, the settings of that kind.
package enum ObjectiveRecipe: Codable, Hashable, Sendable {
    case clipSelf(CLIPSelf.Configuration)
    case silc(SILC.Configuration)
    case combined(CombinedObjective.Configuration)
    case mvpSeg(MVPSEG.Configuration)

    package enum Kind: String, Codable, CaseIterable, Sendable {
        case clipSelf = "clipself"
        case silc
        case combined
        case mvpSeg = "mvpseg"
    }

    package var kind: Kind {
        switch self {
        case .clipSelf: .clipSelf
        case .silc: .silc
        case .combined: .combined
        case .mvpSeg: .mvpSeg
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
        }
    }

    /// The settings of SILC, alone or as a part; nil where samples are not compared with each other.
    package var silc: SILC.Configuration? {
        switch self {
        case .clipSelf, .mvpSeg: nil
        case .silc(let configuration): configuration
        case .combined(let configuration): configuration.silc
        }
    }
}
