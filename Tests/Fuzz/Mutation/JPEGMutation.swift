import TestSupport

/// Damage to a JPEG's segments: frame headers, tables, scans, their order and their number.
enum JPEGMutation {
    static func apply(_ bytes: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout SeededGenerator) {
        var segments = parse(bytes)
        if segments.count < 2 || Int.random(in: 0..<3, using: &generator) == 0 {
            return ByteMutation.apply(&bytes, corpus, &generator)
        }
        let place = Int.random(in: 1..<segments.count, using: &generator)
        switch Int.random(in: 0..<9, using: &generator) {
        case 0..<3: damage(&segments[place], corpus, &generator)
        case 3..<5: damageFrame(&segments, &generator)
        case 5: segments.insert(segments[place], at: Int.random(in: 1...segments.count, using: &generator))
        case 6: segments.remove(at: place)
        case 7: repeatScan(&segments, &generator)
        default: segments[place][1] = UInt8.random(in: 0xC0...0xFE, using: &generator)
        }
        bytes = segments.flatMap(\.self)
    }

    /// A segment's content; its length field follows, mostly.
    private static func damage(_ segment: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout SeededGenerator) {
        guard segment.count > 4 else { return }
        var content = Array(segment.dropFirst(4))
        ByteMutation.apply(&content, corpus, &generator)
        let isLengthKept = segment[1] == 0xDA || Int.random(in: 0..<4, using: &generator) == 0
        let length = min(content.count + 2, 0xFFFF)
        let head = isLengthKept ? Array(segment[2..<4]) : [UInt8(length >> 8), UInt8(length & 0xFF)]
        segment = Array(segment[0..<2]) + head + content
    }

    /// Precision, height, width, number of components, sampling factors.
    private static func damageFrame(_ segments: inout [[UInt8]], _ generator: inout SeededGenerator) {
        let frames: Set<UInt8> = [0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB]
        guard let place = segments.firstIndex(where: { $0.count > 12 && frames.contains($0[1]) }) else { return }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            let sides: [Int] = [0, 1, 7, 9, 64, 300, 4096, 8192, 32_768, 65_500, 65_535]
            let side = sides.randomElement(using: &generator) ?? 0
            let start = Bool.random(using: &generator) ? 5 : 7
            segments[place].replaceSubrange(start..<start + 2, with: [UInt8(side >> 8), UInt8(side & 0xFF)])
        case 1: segments[place][4] = [2, 8, 12, 16].randomElement(using: &generator) ?? 8
        case 2: segments[place][9] = UInt8.random(in: 0...5, using: &generator)
        case 3: segments[place][11] = UInt8.random(in: 0...255, using: &generator)
        default: segments[place][1] = frames.sorted().randomElement(using: &generator) ?? 0xC0
        }
    }

    /// The progressive bomb: the same scan over and over.
    private static func repeatScan(_ segments: inout [[UInt8]], _ generator: inout SeededGenerator) {
        let scans = segments.indices.filter { segments[$0].count > 1 && segments[$0][1] == 0xDA }
        guard let place = scans.randomElement(using: &generator), segments.joined().count < 1 << 16 else { return }
        let count = 1 << Int.random(in: 0..<10, using: &generator)
        let copies = min(count, 65_536 / segments[place].count)
        segments.insert(contentsOf: Array(repeating: segments[place], count: copies), at: place)
    }

    /// Cuts before every marker that stands alone; a scan keeps its entropy-coded bytes.
    private static func parse(_ bytes: [UInt8]) -> [[UInt8]] {
        var starts = [0]
        var place = 2
        while place + 4 <= bytes.count, bytes[place] == 0xFF {
            starts.append(place)
            place += 2 + (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
            guard place > starts[starts.count - 1] + 3, bytes[starts[starts.count - 1] + 1] == 0xDA else { continue }
            while place + 1 < bytes.count, bytes[place] != 0xFF || isWithinScan(bytes[place + 1]) { place += 1 }
        }
        return zip(starts, starts.dropFirst() + [bytes.count]).map { Array(bytes[$0..<max($0, $1)]) }
    }

    /// A stuffed zero or a restart marker.
    private static func isWithinScan(_ marker: UInt8) -> Bool { marker == 0 || (0xD0...0xD7).contains(marker) }
}
