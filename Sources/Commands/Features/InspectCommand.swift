import ArgumentParser
import Datasets
import Foundation
import Images
import Objectives
import Recipes

/// `stillhouse inspect`
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Draw a sample as the recipe's objective sees it: views, boxes, crops.",
        discussion: """
            No weights are needed. For sample 7 the files are 7-student.png, 7-crops.png and so on, one a picture of \
            the objective, and 7-sheet.png with all of them side by side. Samples are ids, that is, positions in the \
            data set's index; random choices are those of the recipe's seed and of --epoch.
            """
    )

    @OptionGroup var recipe: RecipeOptions
    @OptionGroup var dataset: DatasetOptions

    @Option(name: .customLong("sample"), help: ArgumentHelp("Sample ids parted by commas.", valueName: "ids"))
    var samples: SampleList

    @Option(help: "Epoch whose random choices are shown.")
    var epoch = 0

    @Option(help: "Update that the sample is used for, where views or scenes change in the course of a run.")
    var update = 0

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Directory for the pictures; made unless it is there.", valueName: "directory")
    )
    var output = "."

    @Flag(help: "Print the files' names as JSON.")
    var json = false

    func validate() throws {
        if epoch < 0 { throw ValidationError("--epoch is \(epoch); it must be 0 or more.") }
        if update < 0 { throw ValidationError("--update is \(update); it must be 0 or more.") }
    }

    func run() async throws {
        let named = try recipe.load()
        let dataset = try await dataset.open(named.data)
        let recipe = try named.bound(to: dataset.index.classes)
        let plan = try TrainingPlan(recipe, model: recipe.loadModel())
        try OutputFile.makeDirectory(output)
        var files: [String] = []
        for id in samples.ids {
            let seed = SampleSeed(run: recipe.seed, epoch: epoch, sample: id, update: update)
            switch try await dataset.load(id, seed: seed) {
            case .bad(let bad): throw CommandFailure(.usage, "\(bad)")
            case .loaded(let sample):
                let pictures = Self.pictures(of: sample, seed, plan.objective)
                files += try write(pictures, of: sample.sample)
            }
        }
        if json { try JSONOutput.print(files) } else { files.forEach { print($0) } }
    }

    private static func pictures<O: Objective>(
        of sample: LoadedSample,
        _ seed: SampleSeed,
        _ objective: O
    ) -> [InspectionPicture] {
        objective.pictures(of: objective.views(of: sample, seed: seed))
    }

    private func write(_ pictures: [InspectionPicture], of sample: Sample) throws -> [String] {
        let cells = pictures.map { picture in
            ContactSheet.Cell(
                picture.image,
                caption: [picture.name, "\(picture.image.width)x\(picture.image.height)"]
            )
        }
        let title = "Sample \(sample.id): \(sample.key), epoch \(epoch)"
        let sheet = ContactSheet(title: title, columns: 2, side: 768).draw(cells)
        return try (pictures + [InspectionPicture(name: "sheet", image: sheet)]).map { picture in
            let path = URL(fileURLWithPath: output).appendingPathComponent("\(sample.id)-\(picture.name).png")
            try OutputFile.write(PNGEncoder().encode(picture.image), to: path.relativePath)
            return path.relativePath
        }
    }
}
