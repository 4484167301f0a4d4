package import Datasets

extension Recipe.DataSource {
    /// How pictures of `kind: scenes` are composed; size and difficulty are required there.
    package struct Scenes: Codable, Hashable, Sendable {
        /// Side of the composed pictures, in pixels.
        package var size: Int?
        /// Pairs of an update and a difficulty from 0 to 1, straight between them: `[[0, 0.0], [1000, 1.0]]`.
        package var difficulty: [[Double]]?
        /// What captions name; all objects where it is absent.
        package var captions: SceneCaption.Subject?

        package init(size: Int? = nil, difficulty: [[Double]]? = nil, captions: SceneCaption.Subject? = nil) {
            self.size = size
            self.difficulty = difficulty
            self.captions = captions
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case size, difficulty, captions
        }

        /// Nil for a list that is no schedule.
        package var schedule: SceneDifficulty? {
            guard let difficulty, !difficulty.isEmpty else { return nil }
            var points: [SceneDifficulty.Point] = []
            for pair in difficulty {
                guard pair.count == 2, let update = Int(exactly: pair[0]), update >= 0, (0...1).contains(pair[1]),
                    update > points.last?.update ?? -1
                else { return nil }
                points.append(SceneDifficulty.Point(update: update, value: pair[1]))
            }
            return SceneDifficulty(points)
        }
    }
}
