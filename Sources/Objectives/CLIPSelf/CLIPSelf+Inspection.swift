import Images
import Models

extension CLIPSelf {
    /// The student's picture with its boxes over the feature grid, and the teacher's crops on a sheet, box and crop in
    /// one colour.
    package func pictures(of views: Views) -> [InspectionPicture] {
        let size = configuration.studentSize
        // Small pictures are enlarged, so that labels do not cover what they name.
        let zoom = max(1, 768 / size)
        var canvas = Canvas(views.student.image.resized(width: size * zoom, height: size * zoom))
        canvas.grid(rows: size / tower.patchSize, columns: size / tower.patchSize, opacity: 0.3)
        for (index, region) in views.regions.enumerated() {
            let scale = Float(views.student.geometry.scale) * Float(zoom)
            func pixel(_ edge: Float) -> Int { Int((edge * scale).rounded()) }
            let box = region.studentBox
            let (x, y) = (pixel(box.x0), pixel(box.y0))
            canvas.box(
                x: x,
                y: y,
                width: pixel(box.x1) - x,
                height: pixel(box.y1) - y,
                label: "\(index)",
                color: Color.distinct(index)
            )
        }
        let student = InspectionPicture(name: "student", image: canvas.image)
        guard !views.regions.isEmpty else { return [student] }
        let crops = teacherViews(of: views, Array(views.regions.indices))
        let cells = zip(views.regions, crops).enumerated().map { index, pair in
            let (region, crop) = pair
            return ContactSheet.Cell(
                crop,
                caption: ["\(index): \(region.provenance)", region.crop.description],
                color: Color.distinct(index)
            )
        }
        let sheet = ContactSheet(title: "What the teacher sees", columns: 5, side: max(cropSize, 128)).draw(cells)
        return [student, InspectionPicture(name: "crops", image: sheet)]
    }
}

extension Region.Provenance: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cell(let grid, let index): "cell \(index) of \(grid.rows)x\(grid.columns)"
        case .proposal(let annotation): "annotation \(annotation)"
        case .fallback: "fallback"
        }
    }
}

extension CropRectangle: CustomStringConvertible {
    package var description: String { "\(width)x\(height) at \(x),\(y)" }
}
