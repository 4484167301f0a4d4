/// What the samples of a set know of each other: one row of numbers a sample, and marks that tell duplicates.
package struct PeerRows: Sendable, Hashable {
    /// Numbers a row.
    package let width: Int
    /// `[count, width]`
    package private(set) var values: [Float] = []
    package private(set) var samples: [Int64] = []
    package private(set) var marks: [Mark] = []

    /// Two samples with an equal picture, or with an equal caption, are no negatives of each other.
    package struct Mark: Sendable, Hashable {
        /// Eight bytes of the digest of the picture's file.
        package var image: UInt64
        /// Eight bytes of the digest of the cleaned caption.
        package var caption: UInt64

        package init(image: UInt64, caption: UInt64) {
            self.image = image
            self.caption = caption
        }
    }

    package init(width: Int) {
        self.width = width
    }

    package var count: Int { samples.count }

    package subscript(index: Int) -> ArraySlice<Float> { values[index * width..<(index + 1) * width] }

    package mutating func append(_ row: some Collection<Float>, sample: Int64, mark: Mark) {
        precondition(row.count == width, "a row of \(row.count) numbers for \(width)")
        values += row
        samples.append(sample)
        marks.append(mark)
    }

    package static func + (first: PeerRows, second: PeerRows) -> PeerRows {
        precondition(first.width == second.width, "rows of \(first.width) and \(second.width) numbers")
        var sum = first
        sum.values += second.values
        sum.samples += second.samples
        sum.marks += second.marks
        return sum
    }
}
