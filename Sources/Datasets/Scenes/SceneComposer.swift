import Images

/// Composes scenes: a pure function of the parts, the main noun and the seed.
package struct SceneComposer: Sendable {
    private let parts: SceneParts
    private let size: Int
    private let difficulty: SceneDifficulty
    private let captions: SceneCaption.Subject

    private static let placements = 8
    /// Below this nobody would call an object visible.
    private static let leastVisible = 0.6
    /// Probabilities of one to four objects, and longest sides as shares of the picture's side.
    private static let counts = [0.35, 0.35, 0.20, 0.10]
    private static let sides = [0.45...0.95, 0.33...0.62, 0.28...0.50, 0.25...0.42]
    /// The size of a single object where nothing is difficult.
    private static let easySide = 0.80...0.95
    /// Radians.
    private static let rotation = 0.18

    package init(
        _ parts: SceneParts,
        size: Int,
        difficulty: SceneDifficulty,
        captions: SceneCaption.Subject = .all
    ) {
        precondition(size > 0, "a scene has pixels")
        (self.parts, self.size, self.difficulty, self.captions) = (parts, size, difficulty, captions)
    }

    /// Whether every noun can be the class of a pixel.
    var hasLabels: Bool { parts.nouns.count <= LabelMap.maximumClassCount }

    /// Names of the nouns, in the order of their positions.
    package var nouns: [String] { parts.nouns.map(\.name) }

    /// The same parts for other pictures, with captions that name everything.
    package func composing(size: Int, difficulty: SceneDifficulty) -> SceneComposer {
        SceneComposer(parts, size: size, difficulty: difficulty)
    }

    /// - Parameter noun: the main one, by position.
    package func compose(_ noun: Int, seed: SampleSeed) -> Scene {
        let difficulty = difficulty.value(at: seed.update)
        var draws = SceneDraws(seed)
        var image = parts.backgrounds.draw(size: size, difficulty: difficulty, &draws)
        let nouns = nouns(noun, difficulty, &draws)
        var layout = SceneLayout(size: size)
        var shown: [Int] = []
        for noun in nouns {
            guard let cutout = cutout(of: noun, among: nouns.count, difficulty, &draws) else { continue }
            var best: (overlap: Int, x: Int, y: Int)?
            for _ in 0..<Self.placements {
                let x = place(cutout.width, &draws)
                let y = place(cutout.height, &draws)
                let overlap = layout.overlap(of: cutout, x: x, y: y)
                if overlap < best?.overlap ?? .max { best = (overlap, x, y) }
            }
            guard let best, layout.add(cutout, x: best.x, y: best.y, leastVisible: Self.leastVisible) else { continue }
            image.lay(cutout, x: best.x, y: best.y)
            shown.append(noun)
        }
        let objects = zip(shown, layout.boxes()).enumerated().map { position, object in
            Scene.Object(
                noun: object.0,
                name: parts.nouns[object.0].name,
                box: AnnotationBox(
                    annotationID: Int64(position + 1),
                    categoryID: Int64(object.0 + 1),
                    x: Double(object.1.x),
                    y: Double(object.1.y),
                    width: Double(object.1.width),
                    height: Double(object.1.height)
                )
            )
        }
        let named = captions == .all ? objects[...] : objects.prefix(1)
        let caption = SceneCaption.text(of: named.map(\.name), &draws)
        return Scene(image: image, objects: objects, labels: layout.labels, caption: caption)
    }

    /// The main noun, and up to three others, all different.
    private func nouns(_ main: Int, _ difficulty: Double, _ draws: inout SceneDraws) -> [Int] {
        var nouns = [main]
        var count = 1
        var chance = draws.uniform()
        // One object takes what the ramp withholds from several.
        for several in (1..<Self.counts.count).reversed() {
            let probability = Self.counts[several] * difficulty
            if chance < probability {
                count = several + 1
                break
            }
            chance -= probability
        }
        while nouns.count < min(count, parts.nouns.count) {
            let other = draws.integer(below: parts.nouns.count)
            if !nouns.contains(other) { nouns.append(other) }
        }
        return nouns
    }

    private func cutout(
        of noun: Int,
        among count: Int,
        _ difficulty: Double,
        _ draws: inout SceneDraws
    ) -> Cutout? {
        // First the style, then the picture: a noun with many drawings in one style does not show that style more often.
        let sprite = draws.element(of: draws.element(of: parts.nouns[noun].styles))
        var range = Self.sides[count - 1]
        if count == 1 {
            let low = Self.easySide.lowerBound + (range.lowerBound - Self.easySide.lowerBound) * difficulty
            range = low...range.upperBound
        }
        let side = draws.uniform(range) * Double(size)
        let angle = draws.normal() * Self.rotation * difficulty
        let isMirrored = draws.happens(0.5 * difficulty)
        let color = ColorMatrix(
            hueTurns: draws.normal() * 0.02 * difficulty,
            saturation: 1 + draws.uniform(-0.25...0.25) * difficulty,
            brightness: 1 + draws.uniform(-0.15...0.15) * difficulty
        )
        return sprite.warped(longestSide: max(2, side), angle: angle, isMirrored: isMirrored, color: color)
    }

    /// Wholly inside; in the middle if it is too large for that.
    private func place(_ extent: Int, _ draws: inout SceneDraws) -> Int {
        let room = size - extent
        let place = draws.integer(below: max(1, room + 1))
        return room >= 0 ? place : room / 2
    }
}
