import Layers

/// How one vector a patch is read out of an image tower: what the last block's attention is replaced by, and what of the
/// block stays.
///
/// Read-outs of one tower are different features with different scores, so name the read-out beside every figure.
/// | name | values are mixed by | tail | origin |
/// |---|---|---|---|
/// | `value-residual` | nothing | full | CLIPSelf, arXiv:2310.01403; MaskCLIP's own code for ViT, arXiv:2112.01071 |
/// | `value-only` | nothing | reduced | "MaskCLIP" in many later comparisons |
/// | `kk` | keys with keys, neighbours first (σ 5) | reduced | NACLIP, arXiv:2404.08181 |
/// | `qq` | queries with queries | reduced | ClearCLIP, arXiv:2407.12442 |
/// | `qq+kk` | the sum of both | full | SCLIP, arXiv:2312.01597 |
/// | `vanilla` | queries with keys, as trained | full | control |
package struct DenseReadout: Hashable, Sendable {
    package enum Name: String, CaseIterable, Hashable, Sendable {
        case valueResidual = "value-residual"
        case valueOnly = "value-only"
        case qq
        case kk
        case qqAndKK = "qq+kk"
        case vanilla
    }

    /// What of the last block follows its attention.
    package enum Tail: String, CaseIterable, Hashable, Sendable {
        /// Residual and MLP, as trained.
        case full
        /// Neither.
        case reduced
    }

    package let name: Name
    package let tail: Tail
    /// Width in patches of the Gaussian by which a patch listens to its neighbours; nil for none.
    package let sigma: Double?

    /// The read-out as its paper has it.
    package init(_ name: Name) {
        self.name = name
        tail = name.usualTail
        sigma = name.usualSigma
    }

    /// A read-out that departs from its paper.
    ///
    /// - Parameters:
    ///   - tail: nil for the usual one.
    ///   - sigma: nil for no neighbourhood.
    /// - Throws: `ModelsError.unusableSigma` where nothing can be added to a softmax, or for a number that is not above 0.
    package init(_ name: Name, tail: Tail? = nil, sigma: Double?) throws(ModelsError) {
        if let sigma, !name.takesSigma || !(sigma > 0 && sigma.isFinite) {
            throw .unusableSigma(sigma, readout: name.rawValue)
        }
        self.name = name
        self.tail = tail ?? name.usualTail
        self.sigma = sigma
    }

    package static let valueResidual = DenseReadout(.valueResidual)
    package static let valueOnly = DenseReadout(.valueOnly)
    package static let qq = DenseReadout(.qq)
    package static let kk = DenseReadout(.kk)
    package static let qqAndKK = DenseReadout(.qqAndKK)
    package static let vanilla = DenseReadout(.vanilla)

    var mixing: AttentionMixing {
        switch name {
        case .valueResidual, .valueOnly: .identity
        case .qq: .queryQuery
        case .kk: .keyKey
        case .qqAndKK: .queryQueryAndKeyKey
        case .vanilla: .queryKey
        }
    }
}

extension DenseReadout.Name {
    var usualTail: DenseReadout.Tail {
        switch self {
        case .valueResidual, .qqAndKK, .vanilla: .full
        case .valueOnly, .qq, .kk: .reduced
        }
    }

    package var usualSigma: Double? { self == .kk ? 5 : nil }

    /// Whether tokens are mixed by likeness, which nearness can be added to.
    package var takesSigma: Bool {
        switch self {
        case .qq, .kk, .qqAndKK: true
        case .valueResidual, .valueOnly, .vanilla: false
        }
    }
}
