import Commands
import Testing

@Suite("Progress lines")
struct ProgressLineTests {
    @Test("a line has the fraction, the rate and the time that is left")
    func line() {
        let text = ProgressLine.line("reading", 120, 480, "images", elapsed: 4, detail: "")
        #expect(text == "reading: 120 of 480 images (25 %), 30.0 images/s, 12 s left")
    }

    @Test("a finished line has no time left")
    func finished() {
        let text = ProgressLine.line("reading", 480, 480, "images", elapsed: 4, detail: "2 bad")
        #expect(text == "reading: 480 of 480 images (100 %), 120.0 images/s, 2 bad")
    }
}
