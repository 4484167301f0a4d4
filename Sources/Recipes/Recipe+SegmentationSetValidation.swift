import Datasets
import Evaluators
import Models
import Objectives

extension Recipe.EvaluationSet {
    /// What is wrong with a set of labelled pixels by itself: of label files if it names a layout, else of composed pictures.
    func addSegmentationProblems(to problems: inout [SettingProblem], under key: String) {
        problems.require(
            readout.map { (try? DenseReadout($0)) != nil } ?? true,
            "\(key).readout",
            readout ?? "",
            "a dense read-out: \(DenseReadout.Name.allCases.map(\.rawValue).joined(separator: ", "))"
        )
        problems.require(
            sizeRule.map { SegmentationSize($0) != nil } ?? true,
            "\(key).size_rule",
            sizeRule ?? "",
            "whole, short:512, short:512,2048 or long:520"
        )
        problems.require((8...4096).contains(window ?? 8), "\(key).window", window ?? 8, "from 8 to 4096 pixels")
        problems.require(
            stride.map { $0 >= 1 && $0 <= window ?? 0 } ?? true,
            "\(key).stride",
            stride ?? 0,
            "from 1 to the window's side, together with a window"
        )
        guard let pictures = labelledPictures else {
            problems.require(
                annotations == nil,
                "\(key).annotations",
                annotations ?? "",
                "absent for composed pictures"
            )
            return addSceneProblems(to: &problems, under: key)
        }
        problems += pictures.problems(under: key)
        addUnseenProblems(of: pictures, to: &problems, under: key)
        let composed = [
            ("count", count.map { "\($0)" }), ("difficulty", difficulty.map { "\($0)" }),
            ("seed", seed.map { "\($0)" }), ("size", size.map { "\($0)" }),
        ]
        for (name, value) in composed {
            problems.require(
                value == nil,
                "\(key).\(name)",
                value ?? "",
                "absent beside `segmentation`: nothing is composed"
            )
        }
    }

    /// Where the list itself stands in the recipe, as a loader puts it there, its names are known.
    private func addUnseenProblems(
        of pictures: Recipe.DataSource,
        to problems: inout [SettingProblem],
        under key: String
    ) {
        guard let unseen, let text = pictures.segmentation?.classes, text.contains("\n"),
            let list = try? ClassList(text: text, source: key)
        else { return }
        for name in unseen {
            problems.require(list.id(of: name) != nil, "\(key).unseen", name, "names of segmentation.classes")
        }
    }
}
