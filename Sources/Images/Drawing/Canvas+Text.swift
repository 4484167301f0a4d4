extension Canvas {
    /// The height of a line of text in pixels, gaps included.
    package static func lineHeight(scale: Int = 1) -> Int { LabelFont.glyphHeight * scale }

    package static func width(of text: String, scale: Int = 1) -> Int { LabelFont.width(of: text) * scale }

    /// One line, its top left corner at (x, y). Characters beyond ASCII show as question marks.
    package mutating func text(_ text: String, x: Int, y: Int, color: Color = .ink, scale: Int = 1) {
        precondition(scale > 0, "text has a size")
        if scale > 1 { return enlarged(text, x: x, y: y, color: color, scale: scale) }
        var left = x
        for character in text {
            let glyph = LabelFont.glyph(for: character)
            for (place, coverage) in glyph.coverage.enumerated() where coverage > 0 {
                let (row, column) = place.quotientAndRemainder(dividingBy: glyph.width)
                blend(left + column, y + row, color, Float(coverage) / 15)
            }
            left += glyph.width
        }
    }

    /// Written white on black, resized smoothly, and used as a stencil.
    private mutating func enlarged(_ text: String, x: Int, y: Int, color: Color, scale: Int) {
        if text.isEmpty { return }
        var line = Canvas(width: Self.width(of: text), height: Self.lineHeight(), color: .black)
        line.text(text, x: 0, y: 0, color: .white)
        let stencil = line.image.resized(width: line.image.width * scale, height: line.image.height * scale)
        for row in 0..<stencil.height {
            for column in 0..<stencil.width {
                blend(x + column, y + row, color, Float(stencil[column, row].red) / 255)
            }
        }
    }

    /// A box with its name on a tab: above the box, or inside of it where there is no room above; never off the picture's side.
    package mutating func box(
        x: Int,
        y: Int,
        width: Int,
        height: Int,
        label: String = "",
        color: Color,
        thickness: Int = 2
    ) {
        frame(x: x, y: y, width: width, height: height, with: color, thickness: thickness)
        if label.isEmpty { return }
        let tabHeight = Self.lineHeight() + 2
        let tabWidth = Self.width(of: label) + 8
        let left = max(0, min(x, image.width - tabWidth))
        let top = y >= tabHeight ? y - tabHeight : max(0, y)
        fill(x: left, y: top, width: tabWidth, height: tabHeight, with: color)
        text(label, x: left + 4, y: top + 1, color: color.legible)
    }

    /// The text, cut with an ellipsis to what fits into `width` pixels.
    package static func shortened(_ text: String, toWidth width: Int, scale: Int = 1) -> String {
        if Self.width(of: text, scale: scale) <= width { return text }
        var head = text
        while !head.isEmpty && Self.width(of: head + "...", scale: scale) > width { head.removeLast() }
        return head + "..."
    }
}
