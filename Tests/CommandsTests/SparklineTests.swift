import Commands
import Testing

@Suite("Sparklines")
struct SparklineTests {
    @Test("the smallest value has the lowest bar, the largest the highest")
    func scale() {
        #expect(Sparkline.text([7, 0, 1]) == "█▁▂")
    }

    @Test("values that cannot be drawn are left out")
    func unsuitable() {
        #expect(Sparkline.text([0, .nan, 7, .infinity]) == "▁█")
        #expect(Sparkline.text([1]) == "")
        #expect(Sparkline.text([2, 2]) == "")
    }
}
