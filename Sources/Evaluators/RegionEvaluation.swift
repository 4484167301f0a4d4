/// What an evaluation of regions found; as JSON its keys are in snake case, and what was not measured is left out.
package struct RegionEvaluation: Codable, Hashable, Sendable {
    /// Mean over the classes that occur of each class's accuracy, in 0...1.
    package struct Accuracy: Codable, Hashable, Sendable {
        package var macc1: Double
        package var macc5: Double
        package var regions: Int
        package var classes: Int

        package init(macc1: Double, macc5: Double, regions: Int, classes: Int) {
            self.macc1 = macc1
            self.macc5 = macc5
            self.regions = regions
            self.classes = classes
        }
    }

    /// Side of the picture from which dense features were read.
    package var size: Int
    package var images: Int
    /// Regions that were read; one for each crop of the gallery.
    package var regions: Int
    /// Mean cosine of a region's feature and its crop's embedding.
    package var meanCosine: Double
    /// Share of regions whose nearest crop, among those of all regions of the set, is their own.
    package var retrievalTop1: Double
    /// Regions named by their box, by their mask, and by their crop; present if class embeddings were given.
    package var boxes: Accuracy?
    package var masks: Accuracy?
    package var crops: Accuracy?
    /// Masks that covered no cell of the grid, or could not be drawn; left out of `masks`.
    package var emptyMasks: Int
    /// Annotations passed over: groups, unfit sizes, beyond the limit for one picture.
    package var skippedRegions: Int
    /// Keys of pictures that could not be used.
    package var badImages: [String]

    package init(
        size: Int,
        images: Int,
        regions: Int,
        meanCosine: Double,
        retrievalTop1: Double,
        boxes: Accuracy? = nil,
        masks: Accuracy? = nil,
        crops: Accuracy? = nil,
        emptyMasks: Int = 0,
        skippedRegions: Int = 0,
        badImages: [String] = []
    ) {
        self.size = size
        self.images = images
        self.regions = regions
        self.meanCosine = meanCosine
        self.retrievalTop1 = retrievalTop1
        self.boxes = boxes
        self.masks = masks
        self.crops = crops
        self.emptyMasks = emptyMasks
        self.skippedRegions = skippedRegions
        self.badImages = badImages
    }

    package enum CodingKeys: String, CodingKey {
        case size, images, regions, boxes, masks, crops
        case meanCosine = "mean_cosine"
        case retrievalTop1 = "retrieval_top1"
        case emptyMasks = "empty_masks"
        case skippedRegions = "skipped_regions"
        case badImages = "bad_images"
    }
}
