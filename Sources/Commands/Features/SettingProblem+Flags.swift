import Objectives

extension SettingProblem {
    /// The same problem for somebody who describes data by flags, not in a recipe: `data.segmentation.label_suffix` is
    /// `--label-suffix` there.
    var namingFlag: SettingProblem {
        let last = key.split(separator: ".").last.map(String.init) ?? key
        let flag =
            switch last {
            case "root": "images"
            case "segmentation": "layout (or what goes with it)"
            default: last.replacing("_", with: "-")
            }
        return SettingProblem(key: "--\(flag)", value: value, allowed: allowed)
    }
}
