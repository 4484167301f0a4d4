package import Datasets
package import Images
package import Layers
package import Models
package import Tensors

/// SILC and CLIPSelf at once: one student, one teacher that moves with it, one sum of losses.
///
/// The teacher looks at the global views for SILC and at cuts of the first one for CLIPSelf. The student goes through the
/// global views once: their pooled vectors meet captions, and the dense features of the first are pooled over its regions.
/// Every term is reduced per picture, so that one sum over pictures serves all of them in any cut into jobs.
/// - SeeAlso: Naeem et al. 2023 (SILC), arXiv:2310.13355; Wu et al. 2024 (CLIPSelf), arXiv:2310.01403.
package struct CombinedObjective: Objective {
    package let configuration: Configuration
    package let silc: SILC
    private let sampler: RegionSampler

    /// - Parameter contrastiveBatch: pairs of a job or of an update, whichever compares its pairs.
    /// - Throws: `SettingProblems` when the settings do not suit the model.
    package init(_ configuration: Configuration, model: ModelConfiguration, contrastiveBatch: Int) throws {
        let problems = configuration.problems(under: "objective", for: model)
        guard problems.isEmpty else { throw SettingProblems(problems) }
        self.configuration = configuration
        silc = try SILC(configuration.silc, model: model, contrastiveBatch: contrastiveBatch)
        let regions = configuration.clipself
        sampler = RegionSampler(
            CLIPSelf.Configuration(
                studentSize: configuration.silc.views.global.size,
                gridLimit: regions.gridLimit,
                regionsPerImage: regions.regionsPerImage,
                cropScale: regions.cropScale,
                unlockedGroups: 0
            )
        )
    }

    package var unit: LossUnit { .images }
    package var teacherPolicy: TeacherPolicy { silc.teacherPolicy }
    package var samplesPerGraph: Int { silc.samplesPerGraph }
    package func maximumUnits(samples: Int) -> Int { samples }

    package func readParameters(_ scope: ParameterScope) throws { try silc.readParameters(scope) }
    package func trainableLayout() throws -> ParameterLayout { try silc.trainableLayout() }
    package func isAuxiliary(_ path: String) -> Bool { silc.isAuxiliary(path) }
    package func teacherLayout(of student: ParameterLayout) throws -> ParameterLayout {
        try silc.teacherLayout(of: student)
    }
    package var teacherMomentum: TeacherMomentum? { silc.teacherMomentum }
    package var parameterBounds: [ParameterBounds] { silc.parameterBounds }
    package func holds(_ path: String, afterSamples samples: Int, of totalSamples: Int) -> Bool {
        silc.holds(path, afterSamples: samples, of: totalSamples)
    }

    // MARK: What versions and jobs carry beside weights and gradients

    package var centreSize: Int { silc.centreSize }
    package var statisticCount: Int { silc.statisticCount }
    package func conclude(_ update: UpdateSummary, centre: inout [Float]) -> [String: Double] {
        silc.conclude(update, centre: &centre)
    }
    package func collapseWatch(updates: Int, samplesPerUpdate: Int) -> CollapseWatch? {
        silc.collapseWatch(updates: updates, samplesPerUpdate: samplesPerUpdate)
    }
    package var peerScope: PeerScope { silc.peerScope }
    package var peerRowSize: Int { silc.peerRowSize }
    package func peerRows(of views: [Views], student: ParameterTree, on backend: any Backend) throws -> PeerRows {
        try silc.peerRows(of: views.map(\.silc), student: student, on: backend)
    }

    // MARK: Views

    /// SILC's views, and the regions of the first global one.
    package struct Views: Sendable {
        package let silc: SILC.Views
        /// In pixels of the first global view.
        package let regions: [Region]
    }

    /// What the teacher is shown: a whole view for SILC, or a cut of one for CLIPSelf.
    package enum TeacherView: Sendable {
        case global(Image)
        case crop(Image)
    }

    package func views(of sample: LoadedSample, seed: SampleSeed) -> Views {
        let views = silc.views(of: sample, seed: seed)
        let side = views.pictures.globals.first?.width ?? 0
        let generator = seed.generator(view: CLIPSelf.regionView)
        return Views(
            silc: views,
            regions: sampler.regions(width: side, height: side, proposals: [], generator: generator)
        )
    }

    package func rejection(of views: Views) -> String? { silc.rejection(of: views.silc) }

    package func targetCount(of views: Views) -> Int { silc.targetCount(of: views.silc) + views.regions.count }

    package func teacherViews(of views: Views, _ indices: [Int]) -> [TeacherView] {
        let globals = views.silc.pictures.globals
        let size = silc.model.vision.imageHeight
        return indices.map { index in
            guard index >= globals.count else { return .global(globals[index]) }
            let crop = views.regions[index - globals.count].crop
            return .crop(TeacherCrop.image(of: globals[0], crop, size: size))
        }
    }

    package func pictures(of views: Views) -> [InspectionPicture] {
        var pictures = silc.pictures(of: views.silc)
        let count = silc.targetCount(of: views.silc)
        let crops = teacherViews(of: views, Array(count..<targetCount(of: views)))
        let cells = zip(views.regions, crops).enumerated().compactMap { index, pair -> ContactSheet.Cell? in
            guard case .crop(let image) = pair.1 else { return nil }
            return ContactSheet.Cell(
                image,
                caption: ["\(index): \(pair.0.provenance)", "\(pair.0.crop) of view 0"],
                color: Color.distinct(index)
            )
        }
        let sheet = ContactSheet(title: "What the teacher sees of the regions", columns: 5, side: 128).draw(cells)
        pictures.append(InspectionPicture(name: "crops", image: sheet))
        return pictures
    }
}
