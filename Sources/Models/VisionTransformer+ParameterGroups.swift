package import Layers

extension VisionTransformer {
    /// Parameters that train together when a recipe unlocks the tower from its end.
    package struct ParameterGroup: Hashable, Sendable {
        /// Such as `block 11`, `positions`, `stem`; for reports.
        package let name: String
        package let slices: [ParameterSlice]
    }

    /// What the tower reads, in the canonical order: stem, blocks, final norm, projection.
    package static func parameters(of configuration: Configuration) throws -> [Parameter] {
        try Parameter.all { try VisionTransformer($0, configuration) }
    }

    /// The groups in the order in which they are unlocked: last block first, then the position embedding, then the
    /// patch convolution with class token and first norm. The final norm and the projection belong to none.
    ///
    /// - Parameter includesUnusedQK: whether the last block's query and key rows belong to its group. The dense path
    ///   does not read them: they get a zero gradient, and including them only lets weight decay act.
    /// - SeeAlso: CLIPSelf, arXiv:2310.01403; the reference unlocks by the same table.
    package static func parameterGroups(
        of configuration: Configuration,
        includesUnusedQK: Bool
    ) throws -> [ParameterGroup] {
        let parameters = try parameters(of: configuration)
        func slices(under prefixes: String...) -> [ParameterSlice] {
            parameters.filter { parameter in
                prefixes.contains { parameter.path == $0 || parameter.path.hasPrefix($0 + ".") }
            }.map(ParameterSlice.init)
        }
        let last = configuration.layers - 1
        var groups = (0..<configuration.layers).reversed().map { index in
            let all = slices(under: "visual.transformer.resblocks.\(index)")
            let used = index == last && !includesUnusedQK ? all.map(valueRows(of:)) : all
            return ParameterGroup(name: "block \(index)", slices: used)
        }
        groups.append(ParameterGroup(name: "positions", slices: slices(under: "visual.positional_embedding")))
        groups.append(
            ParameterGroup(
                name: "stem",
                slices: slices(under: "visual.conv1", "visual.class_embedding", "visual.ln_pre")
            )
        )
        return groups
    }

    /// The slices that train when `unlockedGroups` groups are open, in the canonical order.
    ///
    /// - Throws: `ModelsError.unlockedGroupsOutOfRange`; 0 is legal and trains nothing.
    package static func trainableLayout(
        of configuration: Configuration,
        unlockedGroups: Int,
        includesUnusedQK: Bool = false
    ) throws -> ParameterLayout {
        let groups = try parameterGroups(of: configuration, includesUnusedQK: includesUnusedQK)
        guard (0...groups.count).contains(unlockedGroups) else {
            throw ModelsError.unlockedGroupsOutOfRange(unlockedGroups, highest: groups.count)
        }
        let open = groups.prefix(unlockedGroups).flatMap(\.slices)
        let slicesByPath = Dictionary(grouping: open, by: \.path)
        let ordered = try parameters(of: configuration).flatMap { slicesByPath[$0.path, default: []] }
        return try ParameterLayout(ordered)
    }

    /// A fused projection's value rows, or the slice itself where it is no fused projection.
    private static func valueRows(of slice: ParameterSlice) -> ParameterSlice {
        guard slice.path.contains(".attn.in_proj_") else { return slice }
        let rows = MultiHeadAttention.valueRows(channels: slice.leadingCount / 3)
        return ParameterSlice(path: slice.path, shape: slice.shape, rows: rows)
    }
}
