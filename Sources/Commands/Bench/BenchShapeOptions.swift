import ArgumentParser
import Models

/// The model and the pictures whose shapes are measured.
struct BenchShapeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A shipped model or a JSON file in open_clip's form.", valueName: "name-or-json"))
    var model = "ViT-B-16"

    @Option(help: "Pictures in a batch.")
    var batch = 8

    @Option(help: ArgumentHelp("Side of a picture in pixels; by default the model's.", valueName: "pixels"))
    var size: Int?

    func validate() throws {
        if !(1...1024).contains(batch) { throw ValidationError("--batch is \(batch); it must be from 1 to 1024.") }
    }

    /// - Returns: the image tower, and the side of a picture, of which it makes a grid.
    func tower() throws -> (tower: VisionTransformer.Configuration, side: Int) {
        let tower = try ModelOptions.configuration(of: model).vision
        let side = size ?? tower.imageHeight
        _ = try tower.grid(height: side, width: side)
        return (tower, side)
    }
}
