/// Pictures side by side with captions beneath, on one sheet with margins.
package struct ContactSheet: Sendable {
    package struct Cell: Sendable {
        package var image: Image
        /// Lines below the picture: the first in ink, the others fainter.
        package var caption: [String]
        /// Framed in this colour, for example that of the box it was cut from.
        package var color: Color?

        package init(_ image: Image, caption: [String] = [], color: Color? = nil) {
            self.image = image
            self.caption = caption
            self.color = color
        }
    }

    package var title: String
    package var columns: Int
    /// Pictures are scaled to fit into a square of this side, keeping their shape; small ones are enlarged.
    package var side: Int
    package var margin = 18
    /// Whether cells are only as high as the highest picture in them, instead of square.
    package var isTrimmed = false

    package init(title: String = "", columns: Int = 4, side: Int = 224) {
        precondition(columns > 0 && side > 0, "a sheet has columns and cells")
        self.title = title
        self.columns = columns
        self.side = side
    }

    /// - Precondition: at least one cell.
    package func draw(_ cells: [Cell]) -> Image {
        precondition(!cells.isEmpty, "a sheet shows something")
        let lines = cells.map(\.caption.count).max() ?? 0
        let line = Canvas.lineHeight()
        let columnCount = min(columns, cells.count)
        let rowCount = (cells.count + columnCount - 1) / columnCount
        let captionHeight = lines == 0 ? 0 : lines * line + 6
        let titleHeight = title.isEmpty ? 0 : 2 * line + 12
        let pictures = cells.map { fitted($0.image) }
        let height = isTrimmed ? pictures.map(\.height).max() ?? side : side
        let width = margin + columnCount * (side + margin)
        let pitch = height + captionHeight + margin
        var canvas = Canvas(width: width, height: margin + titleHeight + rowCount * pitch)
        if !title.isEmpty {
            let text = Canvas.shortened(title, toWidth: width - 2 * margin, scale: 2)
            canvas.text(text, x: margin, y: margin - 4, scale: 2)
        }
        for (index, cell) in cells.enumerated() {
            let x = margin + index % columnCount * (side + margin)
            let y = margin + titleHeight + index / columnCount * pitch
            draw(cell, pictures[index], height: height, on: &canvas, x: x, y: y)
        }
        return canvas.image
    }

    private func draw(_ cell: Cell, _ picture: Image, height: Int, on canvas: inout Canvas, x: Int, y: Int) {
        let left = x + (side - picture.width) / 2
        let top = y + (height - picture.height) / 2
        canvas.paste(picture, x: left, y: top)
        if let color = cell.color {
            canvas.frame(x: left, y: top, width: picture.width, height: picture.height, with: color, thickness: 4)
        }
        for (line, text) in cell.caption.enumerated() {
            canvas.text(
                Canvas.shortened(text, toWidth: side),
                x: x,
                y: y + height + 5 + line * Canvas.lineHeight(),
                color: line == 0 ? .ink : .faded
            )
        }
    }

    private func fitted(_ image: Image) -> Image {
        let ratio = Double(side) / Double(max(image.width, image.height))
        let width = max(1, Int((Double(image.width) * ratio).rounded()))
        let height = max(1, Int((Double(image.height) * ratio).rounded()))
        return image.resized(width: width, height: height)
    }
}
