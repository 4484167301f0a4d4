/// Which class each number stands for that a label PNG stores.
package struct LabelValues: Sendable, Hashable {
    /// Class ids, ``LabelMap/void`` or ``LabelMap/withheld`` by stored value; what is absent is refused.
    package let ids: [UInt16: UInt8]

    package init(_ ids: [UInt16: UInt8]) {
        self.ids = ids
    }

    /// As stored: classes from 0 on; void and withheld stand for themselves.
    package static func plain(classCount: Int) -> LabelValues {
        var ids: [UInt16: UInt8] = [
            UInt16(LabelMap.void): LabelMap.void, UInt16(LabelMap.withheld): LabelMap.withheld,
        ]
        for id in 0..<classCount { ids[UInt16(id)] = UInt8(id) }
        return LabelValues(ids)
    }

    /// Classes from 1 on; 0 and 255 are void.
    package static func reducingZero(classCount: Int) -> LabelValues {
        var ids: [UInt16: UInt8] = [0: LabelMap.void, UInt16(LabelMap.void): LabelMap.void]
        for id in 0..<classCount { ids[UInt16(id + 1)] = UInt8(id) }
        return LabelValues(ids)
    }

    /// COCO-Stuff's 182 numbers without the eleven that no picture has; a class is the rank among the others.
    package static let cocoStuff: LabelValues = {
        let absent: Set<UInt16> = [11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90]
        var ids: [UInt16: UInt8] = [UInt16(LabelMap.void): LabelMap.void]
        for (id, value) in (0...181).filter({ !absent.contains($0) }).enumerated() { ids[value] = UInt8(id) }
        return LabelValues(ids)
    }()

    /// The same, with some values void.
    package func ignoring(_ values: some Sequence<UInt16>) -> LabelValues {
        LabelValues(ids.merging(values.map { ($0, LabelMap.void) }) { $1 })
    }

    /// Ids by value up to the largest, 256 where there is none: for many pixels.
    var table: [UInt16] {
        var table = [UInt16](repeating: 256, count: Int(ids.keys.max() ?? 0) + 1)
        for (value, id) in ids { table[Int(value)] = UInt16(id) }
        return table
    }
}
