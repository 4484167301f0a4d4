package import Datasets
package import Images
import Models
import Tensors

extension MVPSEGPlus {
    /// A labelled cut of a picture.
    package struct Views: Sendable {
        package let sample: Int64
        package let picture: Image
        /// Of each pixel, row-major: a seen class, `LabelMap.withheld` or `LabelMap.void`.
        package let labels: [UInt8]
        /// Whether prompts say what withheld pixels show, or the student.
        package let isGuided: Bool
        /// Why the sample is of no use; nil if it is.
        package let defect: String?

        package init(sample: Int64, picture: Image, labels: [UInt8], isGuided: Bool, defect: String? = nil) {
            (self.sample, self.picture, self.labels) = (sample, picture, labels)
            (self.isGuided, self.defect) = (isGuided, defect)
        }

        var hasWithheld: Bool { labels.contains(LabelMap.withheld) }
    }

    /// Slots of the view's draws.
    private enum Slot {
        static let left = 0
        static let flip = 1
        static let top = 2
        static let size = 3
    }

    package func views(of sample: LoadedSample, seed: SampleSeed) -> Views {
        let (image, isGuided) = (sample.image, isGuided(update: seed.update))
        let crop = crop(width: image.width, height: image.height, seed: seed)
        let picture = ViewDraw(crop: crop.rectangle, isFlipped: crop.isMirrored)
            .view(of: image, side: configuration.viewSize)
        func unusable(_ reason: String) -> Views {
            Views(sample: sample.sample.id, picture: picture, labels: [], isGuided: isGuided, defect: reason)
        }
        guard let labels = sample.labels else { return unusable("it has no label map") }
        guard labels.width == image.width && labels.height == image.height else {
            let sizes = "\(labels.width) × \(labels.height) pixels on a picture of \(image.width) × \(image.height)"
            return unusable("its labels have \(sizes)")
        }
        if let stranger = labels.classes.last, stranger >= classes.count {
            return unusable("label \(stranger) is beyond the \(classes.count) classes of the list")
        }
        // Before anything else looks at them.
        let known = labels.withholding(classes.unseen)
        let pixels = LabelPixels.labels(
            of: known,
            crop: crop.rectangle,
            isMirrored: crop.isMirrored,
            side: configuration.viewSize
        )
        return Views(sample: sample.sample.id, picture: picture, labels: pixels, isGuided: isGuided)
    }

    package func rejection(of views: Views) -> String? { views.defect }

    /// A square of random size at a random place.
    private func crop(width: Int, height: Int, seed: SampleSeed) -> TargetCrop {
        let draws = seed.generator(view: Self.labelledView)
        let (longest, least) = (min(width, height), configuration.leastCrop)
        let share = least + (1 - least) * draws.uniform(at: Slot.size)
        let side = max(1, min(longest, Int((Double(longest) * share).rounded())))
        let rectangle = CropRectangle(
            x: draws.integer(below: width - side + 1, at: Slot.left),
            y: draws.integer(below: height - side + 1, at: Slot.top),
            width: side,
            height: side
        )
        return TargetCrop(rectangle, isMirrored: draws.uniform(at: Slot.flip) < configuration.flip)
    }

    // MARK: What the teacher says

    /// In guided updates the encoder that prompts belong to is asked where the student's own tower has moved away from it;
    /// in later ones the student's average, where that teaches.
    package func targetCount(of views: Views) -> Int {
        views.hasWithheld && (views.isGuided ? movesTower : averages) ? 1 : 0
    }

    package func teacherViews(of views: Views, _ indices: [Int]) -> [Image] { indices.map { _ in views.picture } }

    // MARK: Inspection

    /// The view, and over it the colours of its labels; withheld pixels are black, and void ones as they are.
    package func pictures(of views: Views) -> [InspectionPicture] {
        var labelled = views.picture
        let side = labelled.width
        guard views.labels.count == side * side else { return [InspectionPicture(name: "view", image: views.picture)] }
        for (place, label) in views.labels.enumerated() where label != LabelMap.void {
            let (x, y) = (place % side, place / side)
            let color = label == LabelMap.withheld ? Color(red: 0, green: 0, blue: 0) : Color.distinct(Int(label))
            labelled[x, y] = MVPSEG.mixed(labelled[x, y], color)
        }
        return [
            InspectionPicture(name: "view", image: views.picture), InspectionPicture(name: "labels", image: labelled),
        ]
    }
}
