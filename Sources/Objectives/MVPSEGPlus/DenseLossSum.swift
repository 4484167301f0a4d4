import Foundation

/// Shares of views added up, in double precision and in the order of the views.
struct DenseLossSum {
    /// σ
    private let scale: Double
    private(set) var images = 0
    /// The sum of the views' losses.
    private(set) var total = 0.0
    /// With respect to θ = ln σ.
    private(set) var logScale = 0.0
    private var pixels = 0
    private var hits = 0
    private var withheld = 0
    private var given = 0
    private var guided = 0

    init(scale: Double) { self.scale = scale }

    mutating func add(
        _ share: PixelCrossEntropy.Share,
        _ labels: PseudoLabels.Result,
        isGuided: Bool,
        logits: PixelLogits
    ) {
        images += 1
        total += share.loss
        // Interpolation is linear, so what is known at the cells is enough.
        for (slope, logit) in zip(share.gradient, logits.values) { logScale += slope * logit }
        pixels += share.pixels
        hits += share.hits
        withheld += labels.withheld
        given += labels.given
        guided += isGuided ? 1 : 0
    }

    var terms: [LossTerm] {
        [
            LossTerm(name: "loss", sum: total, count: images),
            LossTerm(name: "pixel_accuracy", sum: Double(hits), count: pixels),
            LossTerm(name: "pseudo_labels", sum: Double(given), count: images),
            LossTerm(name: "pseudo_labels_kept", sum: Double(given), count: withheld),
            LossTerm(name: "guided", sum: Double(guided), count: images),
            LossTerm(name: "logit_scale", sum: scale * Double(images), count: images),
        ]
    }
}
