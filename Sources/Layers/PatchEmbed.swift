package import Tensors

/// Cuts images into square patches and projects each: a convolution whose stride is its kernel, as one product.
package struct PatchEmbed {
    package let weight: Tensor  // [channels, 3, p, p], the convolution's own layout
    package let patchSize: Int

    package init(_ scope: ParameterScope, channels: Int, patchSize: Int) throws {
        weight = try scope.parameter(
            "weight",
            [channels, 3, patchSize, patchSize],
            .fanIn(3 * patchSize * patchSize)
        )
        self.patchSize = patchSize
    }

    /// `[B, 3, H, W]` → `[B, H/p · W/p, channels]`, patches row-major; H and W must be multiples of p.
    package func callAsFunction(_ images: Tensor) -> Tensor {
        let kernel = weight.reshaped(to: [weight.shape[0], 3 * patchSize * patchSize])  // [channels, 3·p·p]
        return images.patches(size: patchSize).linear(weight: kernel, bias: nil)  // [B, N, channels]
    }
}
