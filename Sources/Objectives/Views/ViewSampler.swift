package import Datasets
package import Images
import Tensors

/// Cuts a sample into its views. A view is a pure function of picture, seed, number and settings: whichever views are asked
/// for, in whatever order and by whomever, each has the same pixels.
///
/// Draws have fixed slots, so that switching an option never shifts another: 0–21 the crop (`CropSampler`), 22 the flip,
/// 23 the jitter's gate, 24–26 its order, 27–30 its factors, 31 gray, 32 the blur's gate, 33 its sigma, 34 solarise.
package struct ViewSampler: Sendable {
    /// The numbers of local views begin here, even where there is one global view.
    package static let firstLocalView = 2
    package static let cleanView = 254
    package static let captionView = 255

    private enum Slot {
        static let flip = 22
        static let jitter = 23
        static let order = 24
        static let factors = 27
        static let gray = 31
        static let blur = 32
        static let sigma = 33
        static let solarise = 34
    }

    package let settings: ViewSettings

    /// - Precondition: settings without problems.
    package init(_ settings: ViewSettings) {
        precondition(settings.problems(under: "views").isEmpty, "settings are checked when a recipe is read")
        self.settings = settings
    }

    /// - Parameter kinds: leaves out what the caller has no use for, as the teacher has none for local views.
    package func views(
        of image: Image,
        seed: SampleSeed,
        kinds: Set<SampleView.Kind> = Set(SampleView.Kind.allCases)
    ) -> SampleViews {
        let sizes = settings.sizes(at: seed.update)
        let views = numbers(of: kinds).map { kind, number in
            let draw = draw(kind, number, width: image.width, height: image.height, seed: seed)
            let view = draw.view(of: image, side: kind == .local ? sizes.local : sizes.global)
            return SampleView(kind: kind, number: number, image: view, draw: draw)
        }
        return SampleViews(stored: image, views: views)
    }

    /// Which of a sample's captions an epoch uses.
    ///
    /// - Precondition: at least one caption.
    package static func captionIndex(count: Int, seed: SampleSeed) -> Int {
        seed.generator(view: captionView).integer(below: count, at: 0)
    }

    /// What is drawn for one view of a picture of the given sides.
    ///
    /// - Precondition: a number that belongs to the kind.
    package func draw(
        _ kind: SampleView.Kind,
        _ number: Int,
        width: Int,
        height: Int,
        seed: SampleSeed
    ) -> ViewDraw {
        let generator = seed.generator(view: number)
        switch kind {
        case .clean:
            precondition(number == Self.cleanView, "there is one clean view")
            return ViewDraw(crop: CropRectangle(x: 0, y: 0, width: width, height: height))
        case .global:
            precondition((0..<Self.firstLocalView).contains(number), "view \(number) is not global")
            let crop = crop(settings.global, width: width, height: height, generator)
            if settings.text == .globalsWeak { return ViewDraw(crop: crop, isFlipped: isFlipped(generator)) }
            return colored(crop, settings.global, place: number, generator)
        case .local:
            precondition((Self.firstLocalView..<Self.cleanView).contains(number), "view \(number) is not local")
            let crop = crop(settings.local, width: width, height: height, generator)
            return colored(crop, settings.local, place: number - Self.firstLocalView, generator)
        }
    }

    // MARK: Draws

    private func crop(
        _ group: ViewSettings.Group,
        width: Int,
        height: Int,
        _ generator: RandomGenerator
    ) -> CropRectangle {
        CropSampler(areaRange: group.areaRange, aspectRange: settings.aspectRange)
            .rectangle(width: width, height: height, generator: generator)
    }

    private func isFlipped(_ generator: RandomGenerator) -> Bool {
        generator.uniform(at: Slot.flip) < settings.flip
    }

    /// - Parameter place: of the view in its group, counted from 0.
    private func colored(
        _ crop: CropRectangle,
        _ group: ViewSettings.Group,
        place: Int,
        _ generator: RandomGenerator
    ) -> ViewDraw {
        func fires(_ slot: Int, _ probability: Double) -> Bool { generator.uniform(at: slot) < probability }
        func own(_ probabilities: [Double]) -> Double { probabilities[min(place, probabilities.count - 1)] }
        let isBlurred = fires(Slot.blur, own(group.blur))
        return ViewDraw(
            crop: crop,
            isFlipped: isFlipped(generator),
            jitter: fires(Slot.jitter, settings.jitter.probability) ? jitter(generator) : [],
            isGray: fires(Slot.gray, settings.gray),
            blurSigma: isBlurred ? settings.sigmaRange.value(at: generator.uniform(at: Slot.sigma)) : nil,
            isSolarised: fires(Slot.solarise, own(group.solarise))
        )
    }

    /// Factors go by the kind of change, not by its place in the order drawn; changes of no strength drop out last.
    private func jitter(_ generator: RandomGenerator) -> [ColorChange] {
        let kinds = ColorChange.Kind.allCases
        let changes = kinds.enumerated().map { place, kind in
            let strength = settings.jitter.strength(of: kind)
            let neutral: Double = kind == .hue ? 0 : 1
            let range = SettingRange(neutral - strength, neutral + strength)
            return ColorChange(kind, range.value(at: generator.uniform(at: Slot.factors + place)))
        }
        return generator.shuffled(changes, firstDraw: Slot.order)
            .filter { settings.jitter.strength(of: $0.kind) > 0 }
    }

    private func numbers(of kinds: Set<SampleView.Kind>) -> [(SampleView.Kind, Int)] {
        var numbers: [(SampleView.Kind, Int)] = []
        if kinds.contains(.global) { numbers += (0..<settings.global.count).map { (.global, $0) } }
        if kinds.contains(.local) { numbers += (0..<settings.local.count).map { (.local, Self.firstLocalView + $0) } }
        if kinds.contains(.clean) && settings.text == .clean { numbers.append((.clean, Self.cleanView)) }
        return numbers
    }
}
