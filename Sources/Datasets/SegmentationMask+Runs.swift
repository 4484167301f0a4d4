extension SegmentationMask {
    static func unrolled(_ runs: [Int64], count: Int) throws(SegmentationError) -> [Bool] {
        var result: [Bool] = []
        result.reserveCapacity(count)
        for (position, run) in runs.enumerated() {
            guard run >= 0 && run <= Int64(count - result.count) else {
                throw SegmentationError(cause: "run \(position) of length \(run) leaves the picture")
            }
            result.append(contentsOf: repeatElement(position % 2 == 1, count: Int(run)))
        }
        guard result.count == count else {
            throw SegmentationError(cause: "runs cover \(result.count) of \(count) pixels")
        }
        return result
    }

    /// Each number takes characters of 5 bits, low bits first, from `0` upwards; bit 5 says that more follow, bit 4 of the
    /// last is the sign. From the third run on, the difference to the run before the previous one is stored.
    static func unpacked(_ text: String) throws(SegmentationError) -> [Int64] {
        var runs: [Int64] = []
        var value: Int64 = 0
        var shift: Int64 = 0
        for character in text.utf8 {
            guard (48..<112).contains(character), shift < 60 else {
                throw SegmentationError(cause: "packed runs hold an illegal character or number")
            }
            let bits = Int64(character) - 48
            value |= (bits & 0x1F) << shift
            shift += 5
            if bits & 0x20 != 0 { continue }
            if bits & 0x10 != 0 { value |= -1 << shift }
            if runs.count > 2 { value &+= runs[runs.count - 2] }
            runs.append(value)
            value = 0
            shift = 0
        }
        if shift != 0 { throw SegmentationError(cause: "packed runs end within a number") }
        return runs
    }
}
