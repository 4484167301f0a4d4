/// The class of every pixel of a picture, as the picture is stored.
package struct LabelMap: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// `height · width` class ids, row-major: 0…C-1, ``void`` or ``withheld``.
    package let values: [UInt8]

    /// Nobody knows, or nobody asks: never trained and never scored.
    package static let void: UInt8 = 255
    /// Labelled, but with a class that training must not see; unlike ``void`` it may be given a pseudo label.
    package static let withheld: UInt8 = 254
    /// Ids from 0 to 253.
    package static let maximumClassCount = 254

    /// - Precondition: sides of at least 1 and one value a pixel.
    package init(width: Int, height: Int, values: [UInt8]) {
        precondition(width > 0 && height > 0 && values.count == width * height, "one value a pixel")
        (self.width, self.height, self.values) = (width, height, values)
    }

    package subscript(x: Int, y: Int) -> UInt8 {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "a pixel outside of the map")
        return values[y * width + x]
    }

    /// The map without the labels of some classes, whose pixels become ``withheld``.
    package func withholding(_ classes: some Sequence<Int>) -> LabelMap {
        var table = Array(UInt8.min...UInt8.max)
        for id in classes {
            precondition((0..<Self.maximumClassCount).contains(id), "a class has an id below 254")
            table[id] = Self.withheld
        }
        return LabelMap(width: width, height: height, values: values.map { table[Int($0)] })
    }

    /// How many pixels bear each value, by value: 256 numbers.
    package var pixelCounts: [Int] {
        values.reduce(into: [Int](repeating: 0, count: 256)) { $0[Int($1)] += 1 }
    }

    /// The ids of the classes that occur, ascending.
    package var classes: [Int] {
        pixelCounts.prefix(Self.maximumClassCount).enumerated().filter { $0.element > 0 }.map(\.offset)
    }
}
