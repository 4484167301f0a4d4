import Checkpoints
package import Datasets
package import Images
import Models

extension SILC {
    /// A picture's views and one of its captions.
    package struct Views: Sendable {
        package let sample: Int64
        package let pictures: SampleViews
        /// As cleaned by the tokenizer; empty where the sample has none that says anything.
        package let caption: String
        /// `[SOT, …, EOT, 0, …]`, as many as the text tower reads.
        package let tokens: [Int32]
        package let mark: PeerRows.Mark

        package init(
            sample: Int64,
            pictures: SampleViews,
            caption: String,
            tokens: [Int32],
            mark: PeerRows.Mark
        ) {
            (self.sample, self.pictures, self.caption) = (sample, pictures, caption)
            (self.tokens, self.mark) = (tokens, mark)
        }
    }

    package func views(of sample: LoadedSample, seed: SampleSeed) -> Views {
        let captions = sample.sample.captions
        let index = captions.isEmpty ? nil : ViewSampler.captionIndex(count: captions.count, seed: seed)
        let caption = index.map { tokenizer.cleaned(captions[$0]) } ?? ""
        let digest = Digest(of: caption.utf8).bytes
        return Views(
            sample: sample.sample.id,
            pictures: sampler.views(of: sample.image, seed: seed, kinds: kinds),
            caption: caption,
            tokens: tokenizer.tokens(caption, contextLength: model.text.contextLength),
            mark: PeerRows.Mark(
                image: sample.fileMark,
                caption: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            )
        )
    }

    /// A start and an end alone are no caption: all of them would be equal.
    package func rejection(of views: Views) -> String? { views.caption.isEmpty ? "it has no caption" : nil }

    private var kinds: Set<SampleView.Kind> { configuration.distils ? [.global, .local, .clean] : textKinds }

    private var textKinds: Set<SampleView.Kind> { configuration.views.text == .clean ? [.clean] : [.global] }

    /// The views that the caption is matched to.
    func textViews(of views: Views) -> [Image] {
        configuration.views.text == .clean ? views.pictures.clean.map { [$0] } ?? [] : views.pictures.globals
    }

    package func targetCount(of views: Views) -> Int { configuration.distils ? views.pictures.globals.count : 0 }

    package func teacherViews(of views: Views, _ indices: [Int]) -> [Image] {
        let globals = views.pictures.globals
        return indices.map { globals[$0] }
    }

    package func pictures(of views: Views) -> [InspectionPicture] {
        views.pictures.inspectionPictures(title: "\(views.sample): \(views.caption)")
    }
}
