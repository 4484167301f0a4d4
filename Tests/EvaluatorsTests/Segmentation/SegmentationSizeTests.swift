import Evaluators
import Testing

@Suite("Sizes and windows of segmentation")
struct SegmentationSizeTests {
    @Test(
        "a picture is shown at the size of the rule",
        arguments: [
            ("short:512,2048", 500, 375, 683, 512), ("short:512,2048", 375, 500, 512, 683),
            ("short:512,2048", 6000, 1000, 2048, 341), ("long:520", 500, 375, 520, 390), ("short:8", 1, 50, 8, 400),
            ("whole", 500, 375, 496, 368), ("whole", 504, 376, 512, 384), ("whole", 3, 100, 16, 96),
            ("whole", 4096, 2048, 1024, 512),
        ]
    )
    func sizes(rule: String, width: Int, height: Int, viewWidth: Int, viewHeight: Int) throws {
        let rule = try #require(SegmentationSize(rule))
        let size = rule.size(width: width, height: height, patchSize: 16)
        #expect(size == (viewWidth, viewHeight))
        #expect(SegmentationSize(rule.description) == rule)
    }

    @Test(
        "what is no rule is none",
        arguments: ["", "512", "short:", "short:0", "short:512,511", "long:1,2", "whole:3", "short:1,2,3", "long:-5"]
    )
    func refused(rule: String) { #expect(SegmentationSize(rule) == nil) }

    @Test("windows show every pixel, the last one moved back inside")
    func windows() throws {
        let window = try SlidingWindow(side: 16, stride: 12, patchSize: 8)
        #expect(window.starts(along: 29) == [0, 12, 13])
        #expect(window.starts(along: 28) == [0, 12])
        #expect(window.starts(along: 16) == [0])
        #expect(window.starts(along: 9) == [0])
        #expect(window.starts(along: 17) == [0, 1])
    }

    @Test("windows that split patches or leave gaps are refused", arguments: [(20, 8), (0, 8), (16, 0), (16, 17)])
    func unusable(side: Int, stride: Int) {
        #expect(throws: EvaluatorsError.unusableWindow(side: side, stride: stride, patchSize: 8)) {
            try SlidingWindow(side: side, stride: stride, patchSize: 8)
        }
    }
}
