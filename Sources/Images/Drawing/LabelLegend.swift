import Foundation

/// The strip beside a label overlay: a swatch, a name and a share of the picture a line.
struct LabelLegend {
    struct Row {
        var name: String
        /// Nil for a hollow swatch.
        var color: Color?
        var share: Double
    }

    private let rows: [Row]
    private let scale: Int

    private var margin: Int { 12 * scale }
    private var swatch: Int { 14 * scale }
    private var pitch: Int { Canvas.lineHeight(scale: scale) + 6 * scale }
    /// Longer names are cut.
    private var longestName: Int { 220 * scale }
    /// Even beside a low picture so many lines are shown.
    private static let fewestRows = 10

    init(_ rows: [Row], scale: Int) {
        (self.rows, self.scale) = (rows, scale)
    }

    /// - Parameter height: of the picture; the strip is higher where fewer than ten lines would fit.
    func draw(height: Int) -> Image {
        let rows = fitting(height)
        let names = rows.map { Canvas.shortened($0.name, toWidth: longestName, scale: scale) }
        let shares = rows.map { String(format: "%.1f %%", $0.share * 100) }
        let nameWidth = names.map { Canvas.width(of: $0, scale: scale) }.max() ?? 0
        let shareWidth = shares.map { Canvas.width(of: $0, scale: scale) }.max() ?? 0
        let gap = 8 * scale
        let width = margin + swatch + gap + nameWidth + 2 * gap + shareWidth + margin
        var canvas = Canvas(width: width, height: max(height, 2 * margin + rows.count * pitch))
        for (index, row) in rows.enumerated() {
            let top = margin + index * pitch
            let textTop = top + (swatch - Canvas.lineHeight(scale: scale)) / 2
            if let color = row.color { canvas.fill(x: margin, y: top, width: swatch, height: swatch, with: color) }
            let edge = row.color == nil ? Color.faded : .ink
            canvas.frame(x: margin, y: top, width: swatch, height: swatch, with: edge, thickness: scale)
            canvas.text(names[index], x: margin + swatch + gap, y: textTop, scale: scale)
            let left = width - margin - Canvas.width(of: shares[index], scale: scale)
            canvas.text(shares[index], x: left, y: textTop, color: .faded, scale: scale)
        }
        return canvas.image
    }

    /// What does not fit is one line.
    private func fitting(_ height: Int) -> [Row] {
        let room = max(Self.fewestRows, (height - 2 * margin) / pitch)
        guard rows.count > room else { return rows }
        let rest = rows[(room - 1)...]
        let share = rest.reduce(0) { $0 + $1.share }
        return rows.prefix(room - 1) + [Row(name: "\(rest.count) more", color: .faded, share: share)]
    }
}
