import Datasets
import Testing

@Suite("LabelMap")
struct LabelMapTests {
    private let map = LabelMap(width: 3, height: 2, values: [0, 7, 255, 3, 7, 254])

    @Test("withholding rewrites the unseen classes and nothing else")
    func withholding() {
        let withheld = map.withholding([7, 9])
        #expect(withheld.values == [0, LabelMap.withheld, LabelMap.void, 3, LabelMap.withheld, LabelMap.withheld])
        #expect((withheld.width, withheld.height) == (3, 2))
        #expect(map.withholding([]) == map)
        #expect(withheld.classes == [0, 3])
    }

    @Test("values are found by column and row, and counted without void and withheld")
    func counting() {
        #expect(map[1, 0] == 7 && map[0, 1] == 3 && map[2, 1] == LabelMap.withheld)
        #expect(map.classes == [0, 3, 7])
        #expect(map.pixelCounts[7] == 2 && map.pixelCounts[255] == 1 && map.pixelCounts.reduce(0, +) == 6)
    }
}
