/// A picture with its classes in colour over it, their names where there is room, and a legend at its side.
package struct LabelOverlay: Sendable {
    /// The value of pixels without a class; nothing is laid over them.
    package static let none: UInt8 = 255

    /// Names by id; ids beyond it are shown as numbers.
    package var names: [String]
    /// Of the colours over the picture.
    package var opacity: Float = 0.55
    /// Classes with a smaller share of the picture are one line of the legend together.
    package var smallestShare = 0.005
    /// Pictures whose longer side is shorter are enlarged by a whole factor.
    package var displaySide = 400
    package var hasLegend = true

    package init(names: [String]) {
        self.names = names
    }

    /// - Parameter labels: a class id or ``none`` for each pixel, row-major.
    /// - Precondition: one label a pixel.
    package func draw(_ labels: [UInt8], over image: Image) -> Image {
        precondition(labels.count == image.width * image.height, "one label a pixel")
        let factor = factor(for: image)
        var canvas = Canvas(painted(labels, over: image, factor))
        let scale = min(4, max(1, max(canvas.image.width, canvas.image.height) / 640))
        let regions = LabelRegions(labels, width: image.width, height: image.height)
        for region in regions.centres { write(region, factor: factor, scale: scale, on: &canvas) }
        guard hasLegend else { return canvas.image }
        let legend = LabelLegend(rows(regions), scale: scale).draw(height: canvas.image.height)
        let height = max(canvas.image.height, legend.height)
        var sheet = Canvas(width: canvas.image.width + legend.width, height: height)
        sheet.paste(canvas.image, x: 0, y: 0)
        sheet.paste(legend, x: canvas.image.width, y: 0)
        return sheet.image
    }

    /// The colours alone over the picture at its own size, for sheets of many.
    package func painted(_ labels: [UInt8], over image: Image) -> Image {
        precondition(labels.count == image.width * image.height, "one label a pixel")
        return painted(labels, over: image, 1)
    }

    private func factor(for image: Image) -> Int {
        let side = max(image.width, image.height)
        return side >= displaySide ? 1 : (displaySide + side - 1) / side
    }

    private func name(_ id: UInt8) -> String {
        names.indices.contains(Int(id)) ? names[Int(id)] : "class \(id)"
    }

    private func painted(_ labels: [UInt8], over image: Image, _ factor: Int) -> Image {
        let (width, height) = (image.width * factor, image.height * factor)
        var picture = factor == 1 ? image : image.resized(width: width, height: height)
        for y in 0..<height {
            let row = y / factor * image.width
            let below = min(y + 1, height - 1) / factor * image.width
            for x in 0..<width {
                let label = labels[row + x / factor]
                let right = row + min(x + 1, width - 1) / factor
                let isEdge = labels[below + x / factor] != label || labels[right] != label
                if isEdge {
                    picture[x, y] = picture[x, y].mixed(with: .white, share: 0.75)
                } else if label != Self.none {
                    picture[x, y] = picture[x, y].mixed(with: .label(label), share: opacity)
                }
            }
        }
        return picture
    }

    /// The name of a region in its widest place, where it fits.
    private func write(_ region: LabelRegions.Centre, factor: Int, scale: Int, on canvas: inout Canvas) {
        let (text, reach) = (name(region.label), region.reach * factor)
        let (width, height) = (Canvas.width(of: text, scale: scale), Canvas.lineHeight(scale: scale))
        guard 2 * reach >= height + 4 * scale, 3 * reach >= width else { return }
        func place(_ centre: Int, _ extent: Int, _ room: Int) -> Int {
            max(4 * scale, min(room - extent - 4 * scale, centre * factor + factor / 2 - extent / 2))
        }
        let left = place(region.x, width, canvas.image.width)
        let top = place(region.y, height, canvas.image.height)
        for (x, y) in [(-1, 0), (1, 0), (0, -1), (0, 1), (1, 1), (-1, 1), (1, -1), (-1, -1)] {
            canvas.text(text, x: left + x * scale, y: top + y * scale, color: .ink, scale: scale)
        }
        canvas.text(text, x: left, y: top, color: .white, scale: scale)
    }

    private func rows(_ regions: LabelRegions) -> [LabelLegend.Row] {
        let total = Double(regions.counts.reduce(0, +))
        func share(_ id: UInt8) -> Double { Double(regions.counts[Int(id)]) / total }
        let ids = (UInt8.min..<Self.none).filter { regions.counts[Int($0)] > 0 }
            .sorted { (share($1), $0) < (share($0), $1) }
        let large = ids.filter { share($0) >= smallestShare }
        var rows = large.map { LabelLegend.Row(name: name($0), color: .label($0), share: share($0)) }
        let small = ids.filter { share($0) < smallestShare }
        if !small.isEmpty {
            rows.append(.init(name: "other (\(small.count))", color: .faded, share: small.reduce(0) { $0 + share($1) }))
        }
        if share(Self.none) > 0 { rows.append(.init(name: "none", color: nil, share: share(Self.none))) }
        return rows
    }
}
