import Datasets
import Images
import Objectives
import Tensors
import Testing

@Suite("View sampler")
struct ViewSamplerTests {
    private let seed = SampleSeed(run: 42, epoch: 3, sample: 1_000_000_007)

    private func sampler(_ change: (inout ViewSettings) -> Void = { _ in }) -> ViewSampler {
        var settings = ViewSettings()
        settings.global.size = 32
        settings.local.size = 16
        change(&settings)
        return ViewSampler(settings)
    }

    /// Smooth in one half and noisy in the other.
    private func picture(_ width: Int = 64, _ height: Int = 48) -> Image {
        var state: UInt32 = 7
        let pixels = (0..<width * height * 3).map { index -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return index % (width * 3) < width * 3 / 2 ? UInt8(index / (width * 3) * 4 % 256) : UInt8(state >> 24)
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    @Test("published draws of a local view come out, every number")
    func published() throws {
        let generator = seed.generator(view: 2)
        #expect(generator.key == 0x0fc4_39f1_30f4_da33)
        let draw = sampler().draw(.local, 2, width: 640, height: 480, seed: seed)
        #expect(draw.crop == CropRectangle(x: 254, y: 215, width: 265, height: 233))
        #expect(draw.isFlipped)
        #expect(draw.jitter.map(\.kind) == [.contrast, .brightness, .hue, .saturation])
        for (change, factor) in zip(draw.jitter, [0.845023, 1.297072, -0.085831, 1.143750]) {
            // One part in a million, as for all published numbers; the second differs by 5.07e-7.
            #expect(abs(change.factor - factor) < 1e-6 * max(1, abs(factor)), "\(change)")
        }
        #expect(!draw.isGray)
        #expect(abs(try #require(draw.blurSigma) - 0.789885) < 1e-6)
        #expect(!draw.isSolarised)
        let global = sampler().draw(.global, 0, width: 640, height: 480, seed: seed)
        #expect(global.crop == CropRectangle(x: 6, y: 1, width: 624, height: 478))
        #expect(
            sampler().draw(.global, 0, width: 1000, height: 200, seed: seed).crop
                == CropRectangle(x: 366, y: 0, width: 267, height: 200)
        )
        #expect(ViewSampler.captionIndex(count: 5, seed: seed) == 3)
        #expect(ViewSampler.captionIndex(count: 1, seed: seed) == 0)
    }

    @Test("by default there are two global views, eight local ones, and no clean one")
    func counts() {
        let views = sampler().views(of: picture(), seed: seed)
        #expect(views.globals.count == 2 && views.locals.count == 8 && views.clean == nil)
        #expect(views.views.map(\.number) == Array(0..<10))
        #expect(views.globals.allSatisfy { $0.width == 32 && $0.height == 32 })
        #expect(views.locals.allSatisfy { $0.width == 16 && $0.height == 16 })
        #expect(Set(views.views.map(\.image)).count == 10)
    }

    @Test("a view is the same whichever others are asked for, and another for another sample, epoch or run")
    func purity() {
        let sampler = sampler { $0.text = .clean }
        let image = picture()
        let all = sampler.views(of: image, seed: seed)
        #expect(sampler.views(of: image, seed: seed, kinds: [.local]).locals == all.locals)
        #expect(sampler.views(of: image, seed: seed, kinds: [.global]).globals == all.globals)
        #expect(sampler.views(of: image, seed: seed, kinds: [.clean]).clean == all.clean)
        #expect(sampler.views(of: image, seed: seed, kinds: [.global]).views.count == 2)
        let later = SampleSeed(run: 42, epoch: 3, sample: 1_000_000_007, update: 900)
        #expect(sampler.views(of: image, seed: later).locals == all.locals)
        let others = [
            SampleSeed(run: 43, epoch: 3, sample: 1_000_000_007), SampleSeed(run: 42, epoch: 4, sample: 1_000_000_007),
            SampleSeed(run: 42, epoch: 3, sample: 1_000_000_008),
        ]
        for other in others {
            #expect(sampler.views(of: image, seed: other).locals != all.locals)
        }
        let fewer = self.sampler {
            $0.text = .clean; $0.global.count = 1; $0.local.count = 3
        }
        let some = fewer.views(of: image, seed: seed)
        #expect(some.globals == [all.globals[0]] && some.locals == Array(all.locals[..<3]))
    }

    @Test("switching one option leaves every other draw where it was")
    func slots() {
        let plain = sampler()
        for sample in 0..<40 {
            let seed = SampleSeed(run: 1, epoch: 0, sample: Int64(sample))
            func draw(_ sampler: ViewSampler) -> ViewDraw {
                sampler.draw(.local, 4, width: 200, height: 150, seed: seed)
            }
            let (usual, without) = (
                draw(plain),
                draw(
                    sampler {
                        $0.jitter.probability = 0; $0.flip = 0
                    }
                )
            )
            #expect(without.jitter == [] && !without.isFlipped)
            #expect(
                without.crop == usual.crop && without.blurSigma == usual.blurSigma && without.isGray == usual.isGray
            )
            let noHue = draw(sampler { $0.jitter.hue = 0 })
            #expect(noHue.jitter == usual.jitter.filter { $0.kind != .hue })
            let allBlurred = draw(sampler { $0.local.blur = [1] })
            #expect(allBlurred.blurSigma != nil && usual.blurSigma.map { $0 == allBlurred.blurSigma } ?? true)
        }
    }

    @Test("gates fire as often as they should in 4,000 samples")
    func frequencies() {
        let sampler = sampler { $0.text = .globalsStrong }
        var counts: [String: Int] = [:]
        for sample in 0..<4000 {
            let seed = SampleSeed(run: 9, epoch: 1, sample: Int64(sample))
            for (kind, number) in [(SampleView.Kind.global, 0), (.global, 1), (.local, 2), (.local, 9)] {
                let draw = sampler.draw(kind, number, width: 100, height: 100, seed: seed)
                counts["flip \(number)", default: 0] += draw.isFlipped ? 1 : 0
                counts["jitter \(number)", default: 0] += draw.jitter.isEmpty ? 0 : 1
                counts["gray \(number)", default: 0] += draw.isGray ? 1 : 0
                counts["blur \(number)", default: 0] += draw.blurSigma == nil ? 0 : 1
                counts["solarise \(number)", default: 0] += draw.isSolarised ? 1 : 0
            }
        }
        let expected: [String: [Double]] = [
            "flip": [0.5, 0.5, 0.5, 0.5], "jitter": [0.8, 0.8, 0.8, 0.8], "gray": [0.2, 0.2, 0.2, 0.2],
            "blur": [1, 0.1, 0.5, 0.5], "solarise": [0, 0.2, 0, 0],
        ]
        for (name, probabilities) in expected {
            for (number, probability) in zip([0, 1, 2, 9], probabilities) {
                let share = Double(counts["\(name) \(number)"] ?? 0) / 4000
                // Four standard errors.
                #expect(abs(share - probability) <= 4 * (probability * (1 - probability) / 4000).squareRoot())
            }
        }
    }

    @Test("each policy for the caption's view decides what happens to the global views")
    func policies() throws {
        let image = picture()
        let weak = sampler().views(of: image, seed: seed)
        let strong = sampler { $0.text = .globalsStrong }.views(of: image, seed: seed)
        let clean = sampler { $0.text = .clean }.views(of: image, seed: seed)
        for (a, b) in zip(weak.views, strong.views) where a.kind == .global {
            #expect(a.draw.crop == b.draw.crop && a.draw.isFlipped == b.draw.isFlipped)
            #expect(a.draw.effects.allSatisfy { $0 == "flip" })
            #expect(b.draw.blurSigma != nil || b.number == 1)
        }
        #expect(weak.globals != strong.globals && weak.locals == strong.locals)
        #expect(clean.globals == strong.globals && clean.locals == strong.locals)
        #expect(try #require(clean.clean) == image.resized(width: 32, height: 32))
        #expect(clean.views.last?.number == 254)
        #expect(strong.clean == nil)
    }

    @Test("changes are applied in the order drawn: cut, resize, flip, jitter, gray, blur, solarise")
    func order() {
        let image = picture()
        let draw = ViewDraw(
            crop: CropRectangle(x: 5, y: 6, width: 40, height: 30),
            isFlipped: true,
            jitter: [ColorChange(.saturation, 1.2), ColorChange(.hue, -0.05), ColorChange(.brightness, 1.3)],
            isGray: true,
            blurSigma: 1.1,
            isSolarised: true
        )
        let expected = image.cropped(x: 5, y: 6, width: 40, height: 30).resized(width: 16, height: 16)
            .flippedHorizontally().withSaturation(1.2).withHueShifted(by: -0.05).withBrightness(1.3).grayscaled()
            .gaussianBlurred(sigma: 1.1).solarised()
        #expect(draw.view(of: image, side: 16) == expected)
        #expect(
            draw.effects.joined(separator: ", ")
                == "flip, saturation 1.20, hue -18 deg, brightness 1.30, gray, blur 1.10 px, solarise"
        )
    }

    @Test("sizes follow the stages by the number of the update")
    func stages() {
        let sampler = sampler {
            $0.stages = [
                .init(untilUpdate: 10, globalSize: 20, localSize: 8),
                .init(untilUpdate: 30, globalSize: 24, localSize: 12),
            ]
        }
        func sizes(_ update: Int) -> ViewSizes { sampler.settings.sizes(at: update) }
        #expect(sizes(0) == ViewSizes(global: 20, local: 8) && sizes(9) == sizes(0))
        #expect(sizes(10) == ViewSizes(global: 24, local: 12) && sizes(29) == sizes(10))
        #expect(sizes(30) == ViewSizes(global: 32, local: 16))
        #expect(sampler.settings.allSizes == [sizes(0), sizes(10), sizes(30)])
        let views = sampler.views(of: picture(), seed: SampleSeed(run: 1, epoch: 0, sample: 3, update: 12))
        #expect(views.globals.map(\.width) == [24, 24] && Set(views.locals.map(\.height)) == [12])
        var endless = sampler.settings
        endless.stages[1].untilUpdate = nil
        #expect(endless.sizes(at: 1_000_000) == ViewSizes(global: 24, local: 12))
        #expect(endless.allSizes == [sizes(0), sizes(10)])
    }

    @Test("a picture of one colour and the thinnest pictures give views without fault")
    func odd() {
        let sampler = sampler { $0.text = .clean }
        for sample in 0..<20 {
            let seed = SampleSeed(run: 3, epoch: 2, sample: Int64(sample))
            let flat = sampler.views(of: Image(width: 50, height: 30, filledWith: Color(0x808080)), seed: seed)
            for view in flat.views { #expect(Set(view.image.pixels).count == 1, "\(view.draw)") }
            for (width, height) in [(1, 1), (1, 60), (60, 1)] {
                #expect(sampler.views(of: picture(width, height), seed: seed).views.count == 11)
            }
        }
    }
}
