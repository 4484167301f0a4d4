package import Images

/// The views of one sample in one update, in the order of their numbers: global, local, clean.
package struct SampleViews: Sendable {
    /// What crops were cut from.
    package let stored: Image
    package let views: [SampleView]

    package init(stored: Image, views: [SampleView]) {
        self.stored = stored
        self.views = views
    }

    package var globals: [Image] { images(.global) }
    package var locals: [Image] { images(.local) }
    package var clean: Image? { images(.clean).first }

    private func images(_ kind: SampleView.Kind) -> [Image] {
        views.filter { $0.kind == kind }.map(\.image)
    }
}
