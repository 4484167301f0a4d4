package import Datasets
package import Images
import Models
import Tensors

extension MVPSEG {
    /// A labelled cut of a picture.
    package struct Views: Sendable {
        package let sample: Int64
        package let picture: Image
        /// Of each patch, or of each pixel with `labels: up`, row-major; `LabelMap.void` for none.
        package let cells: [UInt8]
        /// Why the sample is of no use; nil if it is.
        package let defect: String?

        package init(sample: Int64, picture: Image, cells: [UInt8], defect: String? = nil) {
            (self.sample, self.picture, self.cells, self.defect) = (sample, picture, cells, defect)
        }
    }

    /// Slots of the view's draws.
    private enum Slot {
        static let place = 0
        static let flip = 1
    }

    package func views(of sample: LoadedSample, seed: SampleSeed) -> Views {
        let image = sample.image
        let crop = crop(width: image.width, height: image.height, seed: seed)
        let picture = picture(of: image, crop)
        guard let labels = sample.labels else { return unusable(sample, picture, "it has no label map") }
        guard labels.width == image.width && labels.height == image.height else {
            let sizes = "\(labels.width) × \(labels.height) pixels on a picture of \(image.width) × \(image.height)"
            return unusable(sample, picture, "its labels have \(sizes)")
        }
        if let stranger = labels.classes.last, stranger >= classes.count {
            return unusable(sample, picture, "label \(stranger) is beyond the \(classes.count) classes of the list")
        }
        // Before anything else looks at them.
        let known = labels.withholding(classes.unseen)
        let cells = LabelCells.labels(
            of: known,
            crop: crop.rectangle,
            isMirrored: crop.isMirrored,
            side: configuration.viewSize,
            patch: configuration.labels == .up ? 1 : vision.patchSize
        )
        return Views(sample: sample.sample.id, picture: picture, cells: cells)
    }

    /// Cut out, resized to a square, mirrored or not.
    private func picture(of image: Image, _ crop: TargetCrop) -> Image {
        let (cut, side) = (crop.rectangle, configuration.viewSize)
        let view = image.cropped(x: cut.x, y: cut.y, width: cut.width, height: cut.height)
            .resizedForPatches(width: side, height: side)
        return crop.isMirrored ? view.flippedHorizontally() : view
    }

    private func unusable(_ sample: LoadedSample, _ picture: Image, _ reason: String) -> Views {
        Views(sample: sample.sample.id, picture: picture, cells: [], defect: reason)
    }

    package func rejection(of views: Views) -> String? { views.defect }

    /// The largest square at a place drawn along the longer side. With features to be kept the place is drawn once for the
    /// run; only whether it is mirrored changes, so that a picture has two views.
    private func crop(width: Int, height: Int, seed: SampleSeed) -> TargetCrop {
        var lasting = seed
        if configuration.cachesFeatures { lasting.epoch = 0 }
        let side = min(width, height)
        let room = max(width, height) - side + 1
        let start = lasting.generator(view: Self.labelledView).integer(below: room, at: Slot.place)
        let isMirrored = seed.generator(view: Self.labelledView).uniform(at: Slot.flip) < configuration.flip
        return TargetCrop(
            CropRectangle(x: width > height ? start : 0, y: width > height ? 0 : start, width: side, height: side),
            isMirrored: isMirrored
        )
    }

    // MARK: Features

    package func targetCount(of views: Views) -> Int { 1 }

    package func teacherViews(of views: Views, _ indices: [Int]) -> [Image] { indices.map { _ in views.picture } }

    /// Cells of a view.
    var cellCount: Int { (configuration.viewSize / vision.patchSize) * (configuration.viewSize / vision.patchSize) }

    package var targetRule: TargetRule? {
        guard configuration.cachesFeatures else { return nil }
        // Raise the number when views, `Image.resizedForPatches`, the constants of normalisation or the read-out change.
        return TargetRule(
            name: "mvpseg view 2, \(configuration.viewSize) pixels, \(configuration.readout), \(vision)",
            size: cellCount * vision.embeddingSize,
            rows: cellCount,
            isShared: false
        )
    }

    package func targetCrops(of sample: Sample, seed: SampleSeed) -> [TargetCrop] {
        [crop(width: sample.width, height: sample.height, seed: seed)]
    }

    /// Noise.
    package var targetProbe: Image? {
        let (side, noise) = (configuration.viewSize, RandomGenerator(run: 0, epoch: 0, sample: 0, view: 0))
        let pixels = (0..<side * side * 3).map { UInt8(noise.integer(below: 256, at: $0)) }
        return Image(width: side, height: side, pixels: pixels)
    }

    // MARK: Inspection

    /// The view, and over it the colours of its labels.
    package func pictures(of views: Views) -> [InspectionPicture] {
        let side = views.picture.width
        let patch = configuration.labels == .up ? 1 : vision.patchSize
        var labelled = views.picture
        guard views.cells.count == (side / patch) * (side / patch) else {
            return [InspectionPicture(name: "view", image: views.picture)]
        }
        for y in 0..<side {
            for x in 0..<side {
                let cell = views.cells[(y / patch) * (side / patch) + x / patch]
                guard Int(cell) < LabelMap.maximumClassCount else { continue }
                labelled[x, y] = Self.mixed(labelled[x, y], Color.distinct(Int(cell)))
            }
        }
        return [
            InspectionPicture(name: "view", image: views.picture), InspectionPicture(name: "cells", image: labelled),
        ]
    }

    static func mixed(_ a: Color, _ b: Color) -> Color {
        func half(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Int(a) + Int(b)) / 2) }
        return Color(red: half(a.red, b.red), green: half(a.green, b.green), blue: half(a.blue, b.blue))
    }
}
