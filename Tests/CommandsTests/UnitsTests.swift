import Commands
import Testing

@Suite("Units")
struct UnitsTests {
    @Test(
        "durations are as precise as people need",
        arguments: [(0.85, "850 ms"), (12, "12 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"), (.infinity, "unknown")]
    )
    func durations(seconds: Double, text: String) {
        #expect(Units.duration(seconds) == text)
    }

    @Test(
        "counts have their thousands apart",
        arguments: [(0, "0"), (999, "999"), (1_234_567, "1,234,567"), (-1000, "-1,000")]
    )
    func counts(value: Int, text: String) {
        #expect(Units.count(value) == text)
    }

    @Test(
        "bytes count in powers of 1000",
        arguments: [(512, "512 B"), (1500, "1.5 kB"), (3_000_000_000_000, "3.0 TB")]
    )
    func bytes(count: Int, text: String) {
        #expect(Units.bytes(count) == text)
    }
}
