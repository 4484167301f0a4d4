import Foundation
import Images

extension SampleViews {
    /// All views on one sheet: the stored picture with its crops on top, beside it what was cut where, then each view as
    /// the model gets it, with what was done to it.
    ///
    /// - Parameter title: names the sample for the reader.
    package func inspectionPictures(title: String = "") -> [InspectionPicture] {
        [InspectionPicture(name: "views", image: sheet(title: title))]
    }

    private static let columns = 5
    private static let side = 224
    private static let margin = 18
    private static let storedHeight = 480

    private func sheet(title: String) -> Image {
        let cells = views.map { view in
            ContactSheet.Cell(view.image, caption: caption(of: view), color: Color.distinct(colorIndex(of: view)))
        }
        let overview = overview()
        let columns = max(1, min(Self.columns, cells.count))
        let width = max(
            Self.margin + Self.columns * (Self.side + Self.margin),
            overview.width + 2 * Self.margin
        )
        let line = Canvas.lineHeight()
        let titleHeight = title.isEmpty ? 0 : 2 * line + 12
        let grid = cells.isEmpty ? nil : ContactSheet(columns: columns, side: Self.side).draw(cells)
        let top = Self.margin + titleHeight
        var canvas = Canvas(width: width, height: top + overview.height + (grid?.height ?? Self.margin))
        if !title.isEmpty {
            let text = Canvas.shortened(title, toWidth: width - 2 * Self.margin, scale: 2)
            canvas.text(text, x: Self.margin, y: Self.margin - 4, scale: 2)
        }
        canvas.paste(overview, x: Self.margin, y: top)
        if let grid { canvas.paste(grid, x: 0, y: top + overview.height) }
        return canvas.image
    }

    // MARK: The stored picture

    /// The stored picture with its crops at the left, their list at the right.
    private func overview() -> Image {
        let picture = storedWithCrops()
        let rows = ["stored, \(stored.width)x\(stored.height)"] + views.map(legend)
        let line = Canvas.lineHeight() + 6
        let swatch = Canvas.lineHeight()
        let textWidth = rows.map { Canvas.width(of: $0) }.max() ?? 0
        var canvas = Canvas(
            width: picture.width + Self.margin + swatch + 8 + textWidth,
            height: max(picture.height, rows.count * line)
        )
        canvas.paste(picture, x: 0, y: 0)
        let left = picture.width + Self.margin
        for (row, text) in rows.enumerated() {
            if row > 0 {
                let color = Color.distinct(colorIndex(of: views[row - 1]))
                canvas.fill(x: left, y: row * line, width: swatch, height: swatch, with: color)
            }
            canvas.text(text, x: row == 0 ? left : left + swatch + 8, y: row * line)
        }
        return canvas.image
    }

    /// Large crops first, so that small ones lie on top of them.
    private func storedWithCrops() -> Image {
        let widest = Self.columns * (Self.side + Self.margin) * 5 / 8
        let ratio = min(
            Double(Self.storedHeight) / Double(stored.height),
            Double(widest) / Double(stored.width)
        )
        func scaled(_ edge: Int) -> Int { Int((Double(edge) * ratio).rounded()) }
        var canvas = Canvas(stored.resized(width: max(1, scaled(stored.width)), height: max(1, scaled(stored.height))))
        let order = views.filter { $0.kind != .clean }
            .sorted { (-$0.draw.crop.area, $0.number) < (-$1.draw.crop.area, $1.number) }
        for view in order {
            let crop = view.draw.crop
            let (x, y) = (scaled(crop.x), scaled(crop.y))
            canvas.box(
                x: x,
                y: y,
                width: scaled(crop.x + crop.width) - x,
                height: scaled(crop.y + crop.height) - y,
                label: "\(view.number)",
                color: Color.distinct(colorIndex(of: view)),
                thickness: view.kind == .global ? 3 : 2
            )
        }
        return canvas.image
    }

    // MARK: Words

    private func colorIndex(of view: SampleView) -> Int {
        views.firstIndex { $0.number == view.number } ?? 0
    }

    private func name(of view: SampleView) -> String { "\(view.kind.rawValue) \(view.number)" }

    /// `local 4: 120x98 at 33,8, 5 %, to 96 px`
    private func legend(of view: SampleView) -> String {
        let crop = view.draw.crop
        let share = 100 * Double(crop.area) / Double(stored.width * stored.height)
        return "\(name(of: view)): \(crop), \(Int(share.rounded())) %, to \(view.image.width) px"
    }

    private func caption(of view: SampleView) -> [String] {
        var effects = view.draw.effects
        if effects.isEmpty { effects = ["resized only"] }
        var lines: [String] = []
        for effect in effects {
            let joined = lines.last.map { $0 + ", " + effect }
            if let joined, Canvas.width(of: joined) <= Self.side {
                lines[lines.count - 1] = joined
            } else {
                lines.append(effect)
            }
        }
        return [name(of: view)] + lines
    }
}

extension ViewDraw {
    /// What was done after cutting and resizing, in that order, for people: `flip`, `contrast 0.85`, `hue -31 deg`.
    package var effects: [String] {
        var effects: [String] = []
        if isFlipped { effects.append("flip") }
        effects += jitter.map { change in
            change.kind == .hue
                ? String(format: "hue %+.0f deg", change.factor * 360)
                : String(format: "\(change.kind.rawValue) %.2f", change.factor)
        }
        if isGray { effects.append("gray") }
        if let blurSigma { effects.append(String(format: "blur %.2f px", blurSigma)) }
        if isSolarised { effects.append("solarise") }
        return effects
    }
}
