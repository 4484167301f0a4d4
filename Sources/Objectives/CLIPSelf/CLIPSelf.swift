package import Datasets
package import Images
package import Layers
package import Models

/// Teaches a CLIP image tower to see in place: the student's features pooled over a region of the whole picture shall
/// equal what its frozen start sees in the crop of that region.
///
/// Loss: one minus the cosine, summed over all regions; no text, no temperature, no mean per image.
/// - SeeAlso: Wu et al. 2024, "CLIPSelf: Vision Transformer Distills Itself for Open-Vocabulary Dense Prediction",
///   arXiv:2310.01403, section 3.
package struct CLIPSelf: Objective {
    /// Number of the view whose generator chooses the regions.
    package static let regionView = 252

    package let configuration: Configuration
    package let tower: VisionTransformer.Configuration
    private let sampler: RegionSampler

    /// - Throws: `SettingProblems` when the settings do not suit the model.
    package init(_ configuration: Configuration, tower: VisionTransformer.Configuration) throws(SettingProblems) {
        let problems = configuration.problems(under: "objective", for: tower)
        guard problems.isEmpty else { throw SettingProblems(problems) }
        self.configuration = configuration
        self.tower = tower
        sampler = RegionSampler(configuration)
    }

    package var unit: LossUnit { .boxes }
    package var teacherPolicy: TeacherPolicy { .frozen }
    package var samplesPerGraph: Int { configuration.studentBatch }

    /// Side c of a teacher crop: the model's native size.
    package var cropSize: Int { tower.imageHeight }

    /// Both the grid's cells and the annotated boxes are cut off at the cap; a picture without boxes makes one region.
    package func maximumUnits(samples: Int) -> Int { samples * configuration.regionsPerImage }

    package func readParameters(_ scope: ParameterScope) throws {
        _ = try VisionTransformer(scope, tower)
    }

    /// The unlocked groups, counted from the end; without the last block's query and key rows, which the dense path
    /// never reads, unless `decay_unused_qk` asks for them.
    package func trainableLayout() throws -> ParameterLayout {
        try VisionTransformer.trainableLayout(
            of: tower,
            unlockedGroups: configuration.unlockedGroups,
            includesUnusedQK: configuration.decaysUnusedQK
        )
    }

    package func views(of sample: LoadedSample, seed: SampleSeed) -> Views {
        views(of: sample.image, regions: regions(of: sample.sample, seed: seed))
    }

    /// The regions of one sample in one epoch, in pixels of the stored image; those that miss it are left out.
    package func regions(of sample: Sample, seed: SampleSeed) -> [Region] {
        let regions = sampler.regions(
            width: sample.width,
            height: sample.height,
            proposals: sample.boxes,
            generator: seed.generator(view: Self.regionView)
        )
        return regions.filter { $0.studentBox.overlaps(width: sample.width, height: sample.height) }
    }

    /// Views for given regions; those that miss the picture are left out and not counted.
    package func views(of image: Image, regions: [Region]) -> Views {
        let kept = regions.filter { $0.studentBox.overlaps(width: image.width, height: image.height) }
        return Views(
            student: StudentView(of: image, size: configuration.studentSize),
            regions: kept,
            stored: image
        )
    }
}
