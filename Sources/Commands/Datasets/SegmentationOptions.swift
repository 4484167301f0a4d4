import ArgumentParser
import Datasets
import Recipes

/// Where label files lie and what they mean, as options; the keys of `data.segmentation` of a recipe.
struct SegmentationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Layout of --kind segmentation: voc, coco-stuff, context59, context60, ade20k, folders or panoptic.",
            valueName: "name"
        )
    )
    var layout: SegmentationLayout.Name?

    @Option(help: ArgumentHelp("Classes of the labels: a shipped list such as voc-20, or a file.", valueName: "list"))
    var classes: String?

    @Option(help: ArgumentHelp("Folder of the pictures below the root, if not the layout's.", valueName: "folder"))
    var pictures: String?

    @Option(help: ArgumentHelp("Folder of the label files below the root, if not the layout's.", valueName: "folder"))
    var labels: String?

    @Option(help: ArgumentHelp("What label files have behind the picture's name, if not .png.", valueName: "suffix"))
    var labelSuffix: String?

    @Option(help: ArgumentHelp("File below the root with the names of the pictures.", valueName: "file"))
    var list: String?

    @Flag(help: "Of the layout folders: class 0 is stored as 1, and 0 is void.")
    var reduceZeroLabel = false

    @Option(help: ArgumentHelp("Stored values that are void, such as 0,13.", valueName: "values"))
    var ignore: String?

    /// Nil where none is given.
    var section: Recipe.DataSource.Segmentation? {
        let section = Recipe.DataSource.Segmentation(
            layout: layout,
            classes: classes,
            pictures: pictures,
            labels: labels,
            labelSuffix: labelSuffix,
            list: list,
            reduceZeroLabel: reduceZeroLabel ? true : nil,
            ignore: ignore.map { $0.split(separator: ",").map { Int($0.filter { $0 != " " }) ?? -1 } }
        )
        return section == Recipe.DataSource.Segmentation() ? nil : section
    }
}

extension SegmentationLayout.Name: ExpressibleByArgument {}
