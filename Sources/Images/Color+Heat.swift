extension Color {
    /// Ten steps from dark violet to yellow, evenly brighter for the eye, also without red or green.
    private static let heat: [Color] = [
        0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725,
    ].map { Color($0) }

    /// The colour of a strength from 0, dark violet, to 1, yellow; beyond that the nearer end.
    package static func heat(_ share: Float) -> Color {
        guard share > 0 else { return heat[0] }
        let place = min(share, 1) * Float(heat.count - 1)
        let step = min(Int(place), heat.count - 2)
        return heat[step].mixed(with: heat[step + 1], share: place - Float(step))
    }
}
