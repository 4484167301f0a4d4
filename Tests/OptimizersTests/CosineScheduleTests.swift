import Optimizers
import Testing

@Suite("CosineSchedule")
struct CosineScheduleTests {
    /// CLIPSelf on COCO: 6 epochs of 7,393 updates of 16 images.
    let schedule = CosineSchedule(peak: 1e-5, warmUpSteps: 1000, totalSteps: 44_358)

    @Test(
        "CLIPSelf's rate follows the formula",
        arguments: [
            (0, 1e-8), (499, 5e-6), (999, 1e-5), (1000, 1e-5), (22_679, 5e-6), (44_357, 1.312_505_922_6e-14),
        ]
    )
    func formula(step: Int, expected: Double) {
        let rate = schedule.learningRate(at: Double(step))
        print("lr(\(step)) = \(rate), relative difference \(abs(rate / expected - 1))")
        #expect(abs(rate / expected - 1) < 1e-6)
    }

    @Test("the rate is zero past the end")
    func pastTheEnd() {
        #expect(schedule.learningRate(at: 44_358) == 0)
        #expect(schedule.learningRate(at: 1e9) == 0)
    }

    @Test("a rate between two updates lies between their rates, and never above the peak")
    func fractional() {
        let between = schedule.learningRate(at: 10.5)
        #expect(schedule.learningRate(at: 10) < between && between < schedule.learningRate(at: 11))
        #expect(schedule.learningRate(at: 999.9) == 1e-5)
    }

    @Test("no warm-up, or nothing but warm-up, are schedules too")
    func degenerate() {
        #expect(CosineSchedule(peak: 2, warmUpSteps: 0, totalSteps: 10).learningRate(at: 0) == 2)
        let warmUpOnly = CosineSchedule(peak: 2, warmUpSteps: 4, totalSteps: 4)
        #expect(warmUpOnly.learningRate(at: 3) == 2)
        #expect(warmUpOnly.learningRate(at: 4) == 0)
    }
}
