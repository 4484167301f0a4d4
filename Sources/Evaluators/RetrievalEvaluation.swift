/// What a retrieval found; as JSON its keys are in snake case. Recalls are shares in 0...1.
package struct RetrievalEvaluation: Codable, Hashable, Sendable {
    /// One direction.
    package struct Recall: Codable, Hashable, Sendable {
        package var queries: Int
        /// Share of queries with a right answer at the first place, among the first five, among the first ten.
        package var r1: Double
        package var r5: Double
        package var r10: Double
        /// Of the place of the best right answer; the mean of the middle two for an even count of queries.
        package var medianRank: Double

        /// - Parameters:
        ///   - ranks: from 1; nil for a query without a score, which is a miss at the last place. At least one.
        ///   - gallerySize: how many answers there were.
        package init(ranks: [Int?], gallerySize: Int) {
            precondition(!ranks.isEmpty, "a recall is of at least one query")
            func recall(_ depth: Int) -> Double {
                Double(ranks.count { $0.map { $0 <= depth } ?? false }) / Double(ranks.count)
            }
            let sorted = ranks.map { $0 ?? gallerySize }.sorted()
            queries = ranks.count
            (r1, r5, r10) = (recall(1), recall(5), recall(10))
            medianRank = Double(sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }

        package enum CodingKeys: String, CodingKey {
            case queries, r1, r5, r10
            case medianRank = "median_rank"
        }
    }

    package var images: Int
    package var captions: Int
    /// Pictures ask, captions answer: any of the picture's own is right.
    package var imageToText: Recall
    /// Captions ask, pictures answer: the one that the caption belongs to is right.
    package var textToImage: Recall
    /// Captions of which the tokenizer leaves nothing, and those beyond the limit for one picture.
    package var skippedCaptions: Int
    package var unusable: [UnusablePicture]

    package init(
        images: Int,
        captions: Int,
        imageToText: Recall,
        textToImage: Recall,
        skippedCaptions: Int,
        unusable: [UnusablePicture]
    ) {
        self.images = images
        self.captions = captions
        self.imageToText = imageToText
        self.textToImage = textToImage
        self.skippedCaptions = skippedCaptions
        self.unusable = unusable
    }

    package enum CodingKeys: String, CodingKey {
        case images, captions, unusable
        case imageToText = "image_to_text"
        case textToImage = "text_to_image"
        case skippedCaptions = "skipped_captions"
    }
}
