import Foundation
import Objectives
import Testing

@Suite("View settings")
struct ViewSettingsTests {
    private func keys(_ change: (inout ViewSettings) -> Void) -> [String] {
        var settings = ViewSettings()
        change(&settings)
        return settings.problems(under: "views", patchSize: 16).map(\.key)
    }

    @Test("the defaults are the paper's and suit a model of patch 16")
    func defaults() {
        let settings = ViewSettings()
        #expect(settings.problems(under: "views", patchSize: 16) == [])
        #expect(settings.global.count == 2 && settings.global.areaRange == SettingRange(0.4, 1))
        #expect(settings.local.count == 8 && settings.local.areaRange == SettingRange(0.05, 0.4))
    }

    @Test("settings survive JSON, with the keys of recipes")
    func coding() throws {
        var settings = ViewSettings(text: .clean)
        settings.stages = [
            .init(untilUpdate: 100, globalSize: 128, localSize: 64),
            .init(untilUpdate: nil, globalSize: 256, localSize: 96),
        ]
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(ViewSettings.self, from: data) == settings)
        let tree = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(tree.keys) == Set(ViewSettings.CodingKeys.allCases.map(\.rawValue)))
        let global = try #require(tree["global"] as? [String: Any])
        #expect(global["area_range"] as? [Double] == [0.4, 1])
        let stages = try #require(tree["stages"] as? [[String: Any]])
        #expect(stages.map { $0["until_update"] as? Int } == [100, nil])
    }

    @Test("a range of one or three numbers, an unknown policy and a missing key are refused")
    func refused() {
        for (text, instead) in [
            ("[0.4,1]", "[0.4]"), ("[0.4,1]", "[0.4,1,2]"), ("\"globals-weak\"", "\"globals-week\""),
            ("\"flip\":0.5,", ""),
        ] {
            #expect(throws: DecodingError.self) { try decode(replacing: text, with: instead) }
        }
    }

    private func decode(replacing text: String, with instead: String) throws -> ViewSettings {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(ViewSettings()), as: UTF8.self)
        try #require(json.contains(text))
        return try JSONDecoder().decode(ViewSettings.self, from: Data(json.replacing(text, with: instead).utf8))
    }

    @Test("sizes must suit the patch, and local views be smaller than global ones")
    func sizes() {
        #expect(keys { $0.global.size = 250 } == ["views.global.size"])
        #expect(keys { $0.local.size = 90 } == ["views.local.size"])
        #expect(keys { $0.local.size = 256 } == ["views.local.size"])
        #expect(keys { $0.local.size = 272 } == ["views.local.size"])
        #expect(
            keys {
                $0.local.count = 0; $0.local.size = 999
            } == []
        )
        #expect(keys { $0.global.size = 0 }.contains("views.global.size"))
        #expect(keys { $0.global.size = 16_384 } == ["views.global.size"])
    }

    @Test("counts, ranges, probabilities and strengths keep to their bounds, NaN to none")
    func bounds() {
        #expect(keys { $0.global.count = 3 } == ["views.global.count"])
        #expect(keys { $0.global.count = 0 } == ["views.global.count"])
        #expect(keys { $0.local.count = -1 } == ["views.local.count"])
        #expect(keys { $0.local.count = 65 } == ["views.local.count"])
        for range in [SettingRange(0, 0.4), .init(0.5, 0.4), .init(0.5, 1.1), .init(.nan, 1), .init(0.1, .nan)] {
            #expect(keys { $0.global.areaRange = range } == ["views.global.area_range"])
            #expect(keys { $0.local.areaRange = range } == ["views.local.area_range"])
        }
        #expect(keys { $0.aspectRange = SettingRange(0, 1) } == ["views.aspect_range"])
        #expect(keys { $0.sigmaRange = SettingRange(-0.1, 1) } == ["views.sigma_range"])
        for value in [-0.1, 1.1, .nan, .infinity] {
            #expect(keys { $0.flip = value } == ["views.flip"])
            #expect(keys { $0.gray = value } == ["views.gray"])
            #expect(keys { $0.global.blur = [0, value] } == ["views.global.blur"])
            #expect(keys { $0.local.solarise = [value] } == ["views.local.solarise"])
            #expect(keys { $0.jitter.probability = value } == ["views.jitter.probability"])
            #expect(keys { $0.jitter.saturation = value } == ["views.jitter.saturation"])
            #expect(keys { $0.jitter.hue = value } == ["views.jitter.hue"])
        }
        #expect(keys { $0.jitter.hue = 0.6 } == ["views.jitter.hue"])
        #expect(keys { $0.local.blur = [] } == ["views.local.blur"])
    }

    @Test("stages follow each other, only the last without an end, in sizes that suit the patch")
    func stages() {
        func stages(_ stages: [ViewSettings.Stage]) -> [String] { keys { $0.stages = stages } }
        func stage(_ until: Int?, _ global: Int = 128, _ local: Int = 64) -> ViewSettings.Stage {
            ViewSettings.Stage(untilUpdate: until, globalSize: global, localSize: local)
        }
        #expect(stages([stage(10), stage(20), stage(nil)]) == [])
        #expect(stages([stage(10), stage(20)]) == [])
        #expect(stages([stage(nil), stage(20)]) == ["views.stages[0].until_update"])
        #expect(stages([stage(10), stage(10)]) == ["views.stages[1].until_update"])
        #expect(stages([stage(0)]) == ["views.stages[0].until_update"])
        #expect(stages([stage(10, 100)]) == ["views.stages[0].global_size"])
        #expect(stages([stage(10, 64)]) == ["views.stages[0].local_size"])
        #expect(stages([stage(10, 128, 65)]) == ["views.stages[0].local_size"])
    }
}
