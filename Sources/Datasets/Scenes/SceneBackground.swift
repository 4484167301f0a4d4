import Images

/// What lies behind the objects of a scene: near-white, flat, a gradient, soft clouds, or a part of a photograph.
struct SceneBackground {
    let photos: [Image]

    /// - Returns: a square picture.
    func draw(size: Int, difficulty: Double, _ draws: inout SceneDraws) -> Image {
        guard draws.happens(difficulty) else {
            let level = UInt8(236 + draws.integer(below: 20))
            return Image(width: size, height: size, filledWith: Color(red: level, green: level, blue: level))
        }
        if !photos.isEmpty && draws.happens(0.5) { return part(of: draws.element(of: photos), size, &draws) }
        let (first, second) = (color(&draws), color(&draws))
        switch draws.integer(below: 3) {
        case 0: return Image(width: size, height: size, filledWith: first)
        case 1: return gradient(size, first, second, &draws)
        default: return clouds(size, first, second, &draws)
        }
    }

    private func color(_ draws: inout SceneDraws) -> Color {
        // Any colour, but seldom a loud one: three channels near a common brightness.
        let brightness = draws.uniform(40...235)
        func channel() -> UInt8 { UInt8(max(0, min(255, (brightness + draws.uniform(-60...60)).rounded()))) }
        let (red, green, blue) = (channel(), channel(), channel())
        return Color(red: red, green: green, blue: blue)
    }

    private func part(of photo: Image, _ size: Int, _ draws: inout SceneDraws) -> Image {
        let short = min(photo.width, photo.height)
        let side = max(1, min(short, Int((Double(short) * draws.uniform(0.35...1)).rounded())))
        let x = draws.integer(below: photo.width - side + 1)
        let y = draws.integer(below: photo.height - side + 1)
        return photo.cropped(x: x, y: y, width: side, height: side).resized(width: size, height: size)
    }

    private func gradient(_ size: Int, _ first: Color, _ second: Color, _ draws: inout SceneDraws) -> Image {
        let (across, down) = (draws.uniform(-1...1), draws.uniform(-1...1))
        let length = max(abs(across) + abs(down), 1e-6)
        var image = Image(width: size, height: size, filledWith: first)
        for y in 0..<size {
            for x in 0..<size {
                let (u, v) = ((Double(x) + 0.5) / Double(size) - 0.5, (Double(y) + 0.5) / Double(size) - 0.5)
                image[x, y] = first.mixed(with: second, share: Float(0.5 + (u * across + v * down) / length))
            }
        }
        return image
    }

    private func clouds(_ size: Int, _ first: Color, _ second: Color, _ draws: inout SceneDraws) -> Image {
        let cells = min(size, 3 + draws.integer(below: 6))
        var coarse = Image(width: cells, height: cells, filledWith: first)
        for y in 0..<cells {
            for x in 0..<cells { coarse[x, y] = first.mixed(with: second, share: Float(draws.uniform())) }
        }
        return coarse.resized(width: size, height: size)
    }
}
