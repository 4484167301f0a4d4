/// What a zero-shot classification found; as JSON its keys are in snake case. Shares are in 0...1.
package struct ZeroShotClassification: Codable, Hashable, Sendable {
    /// One class that has pictures.
    package struct ClassResult: Codable, Hashable, Sendable {
        package var name: String
        package var images: Int
        /// Pictures whose class is the nearest, and is among the five nearest.
        package var top1: Int
        package var top5: Int

        package init(name: String, images: Int, top1: Int, top5: Int) {
            self.name = name
            self.images = images
            self.top1 = top1
            self.top5 = top5
        }
    }

    /// How many pictures of a class were taken for another.
    package struct Confusion: Codable, Hashable, Sendable {
        package var label: String
        package var predicted: String
        package var images: Int

        package init(label: String, predicted: String, images: Int) {
            self.label = label
            self.predicted = predicted
            self.images = images
        }
    }

    package var images: Int
    /// Classes that have pictures.
    package var classes: Int
    /// Classes among which each picture's was sought.
    package var choices: Int
    package var top1: Double
    package var top5: Double
    /// Mean over the classes that have pictures of each class's own share.
    package var classMeanTop1: Double
    package var classMeanTop5: Double
    /// In the order of the embeddings.
    package var perClass: [ClassResult]
    /// The most frequent first, at most ten; among equals in the order of label, then of prediction.
    package var confusions: [Confusion]
    package var unusable: [UnusablePicture]

    package init(
        images: Int,
        classes: Int,
        choices: Int,
        top1: Double,
        top5: Double,
        classMeanTop1: Double,
        classMeanTop5: Double,
        perClass: [ClassResult],
        confusions: [Confusion],
        unusable: [UnusablePicture]
    ) {
        self.images = images
        self.classes = classes
        self.choices = choices
        self.top1 = top1
        self.top5 = top5
        self.classMeanTop1 = classMeanTop1
        self.classMeanTop5 = classMeanTop5
        self.perClass = perClass
        self.confusions = confusions
        self.unusable = unusable
    }

    package enum CodingKeys: String, CodingKey {
        case images, classes, choices, top1, top5, confusions, unusable
        case classMeanTop1 = "class_mean_top1"
        case classMeanTop5 = "class_mean_top5"
        case perClass = "per_class"
    }
}
