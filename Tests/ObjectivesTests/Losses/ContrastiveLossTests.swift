import Foundation
import Objectives
import Tensors
import TestSupport
import Testing

/// Reference values in double precision, from the equations; 1e-6 relative in single precision.
@Suite struct ContrastiveLossTests {
    let backend = CPUBackend(threadCount: 2)

    private func unit(_ degrees: [Double]) -> Tensor {
        let values = degrees.flatMap { [Float(cos($0 * .pi / 180)), Float(sin($0 * .pi / 180))] }
        return Tensor(values, [degrees.count, 2], on: backend)
    }

    private var images: Tensor { unit([0, 50, 130, 250]) }
    private var texts: Tensor { unit([10, 70, 100, 230]) }
    private let logScale = Float(log(5.0))

    private func isClose(_ found: Double, _ expected: Double, _ tolerance: Double = 1e-6) -> Bool {
        abs(found - expected) <= tolerance * max(1, abs(expected))
    }

    @Test("softmax: loss, gradients and temperature of four pairs on a circle")
    func softmax() {
        let share = ContrastiveLoss(.softmax).share(images: images, texts: texts, logScale: logScale, own: 0..<4)
        #expect(isClose(share.loss, 0.17847510))
        #expect(isClose(share.logScale, -0.22514091))
        #expect(share.bias == 0)
        #expect(zip(share.images.prefix(2), [-0.164045, 0.020306]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
        #expect(zip(share.texts.prefix(2), [0.019004, 0.242024]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
    }

    @Test("sigmoid: the same pairs, with a bias")
    func sigmoid() {
        let share = ContrastiveLoss(.sigmoid)
            .share(images: images, texts: texts, logScale: logScale, bias: -1, own: 0..<4)
        #expect(isClose(share.loss, 2.12282861))
        #expect(isClose(share.logScale, 2.19031753))
        #expect(isClose(share.bias, 0.89549396))
        #expect(zip(share.images.prefix(2), [0.222029, 0.933972]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
        #expect(zip(share.texts.prefix(2), [0.698414, 0.897845]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
    }

    @Test("two jobs' shares of one matrix have known temperatures and biases")
    func sharesOfTwoJobs() {
        func shares(_ kind: ContrastiveLoss.Kind, _ bias: Float) -> [ContrastiveLoss.Share] {
            [0..<2, 2..<4].map { own in
                ContrastiveLoss(kind).share(images: images, texts: texts, logScale: logScale, bias: bias, own: own)
            }
        }
        let softmax = shares(.softmax, 0)
        #expect(isClose(softmax[0].logScale, -0.08024492) && isClose(softmax[1].logScale, -0.14489599))
        let sigmoid = shares(.sigmoid, -1)
        #expect(isClose(sigmoid[0].logScale, 1.81909942) && isClose(sigmoid[1].logScale, 0.37121811))
        #expect(isClose(sigmoid[0].bias, 0.65586350) && isClose(sigmoid[1].bias, 0.23963046))
    }

    @Test("jobs that compare their own pairs only have another loss, as they must")
    func jobNegatives() {
        func part(_ kind: ContrastiveLoss.Kind, _ rows: Range<Int>, _ bias: Float) -> ContrastiveLoss.Share {
            ContrastiveLoss(kind).share(
                images: images.sliced(axis: 0, rows),
                texts: texts.sliced(axis: 0, rows),
                logScale: logScale,
                bias: bias,
                own: 0..<2
            )
        }
        let softmax = [part(.softmax, 0..<2, 0), part(.softmax, 2..<4, 0)]
        #expect(isClose(softmax[0].loss, 0.18196864) && isClose(softmax[1].loss, 0.00240485))
        #expect(isClose((softmax[0].logScale + softmax[1].logScale) / 2, -0.10637069))
        let sigmoid = [part(.sigmoid, 0..<2, -1), part(.sigmoid, 2..<4, -1)]
        #expect(isClose((sigmoid[0].loss + sigmoid[1].loss) / 2, 1.06238827))
        #expect(isClose((sigmoid[0].logScale + sigmoid[1].logScale) / 2, 1.03855831))
        #expect(isClose((sigmoid[0].bias + sigmoid[1].bias) / 2, 0.41275489))
    }

    private func random(_ rows: Int, _ size: Int, _ seed: UInt64) -> Tensor {
        let noise = RandomGenerator(run: seed, epoch: 0, sample: 0, view: 0)
        return Tensor((0..<rows * size).map { Float(noise.normal(at: $0)) }, [rows, size], on: backend).l2Normalized()
    }

    @Test(
        "the shares of any partition add up to the whole, duplicates masked or not",
        arguments: [[11], [4, 7], [1, 5, 5], [3, 3, 1, 4]],
        ContrastiveLoss.Kind.allCases
    )
    func partition(sizes: [Int], kind: ContrastiveLoss.Kind) {
        let (f, g) = (random(11, 7, 1), random(11, 7, 2))
        func share(_ own: Range<Int>) -> ContrastiveLoss.Share {
            ContrastiveLoss(kind).share(images: f, texts: g, logScale: 2, bias: -1.5, own: own) { i, k in
                i % 4 != k % 4
            }
        }
        let whole = share(0..<11)
        var start = 0
        let parts = sizes.map { size in
            defer { start += size }
            return share(start..<start + size)
        }
        #expect(isClose(parts.reduce(0) { $0 + $1.loss }, whole.loss, 1e-12))
        #expect(isClose(parts.reduce(0) { $0 + $1.logScale }, whole.logScale, 1e-12))
        #expect(isClose(parts.reduce(0) { $0 + $1.bias }, whole.bias, 1e-12))
        #expect(parts.flatMap(\.images) == whole.images)
        #expect(parts.flatMap(\.texts) == whole.texts)
        #expect(parts.reduce(0) { $0 + $1.hits } == whole.hits)
    }

    @Test("gradients agree with finite differences of the loss", arguments: ContrastiveLoss.Kind.allCases)
    func finiteDifferences(kind: ContrastiveLoss.Kind) {
        let (f, g) = (random(5, 4, 3).floats, random(5, 4, 4).floats)
        func loss(_ f: [Float], _ g: [Float], _ logScale: Float, _ bias: Float) -> Double {
            ContrastiveLoss(kind).share(
                images: Tensor(f, [5, 4], on: backend),
                texts: Tensor(g, [5, 4], on: backend),
                logScale: logScale,
                bias: bias,
                own: 0..<5
            ).loss
        }
        let share = ContrastiveLoss(kind).share(
            images: Tensor(f, [5, 4], on: backend),
            texts: Tensor(g, [5, 4], on: backend),
            logScale: 1.5,
            bias: -2,
            own: 0..<5
        )
        let step: Float = 1 / 256
        for index in [0, 7, 19] {
            func moved(_ vector: [Float], _ by: Float) -> [Float] {
                var copy = vector
                copy[index] += by
                return copy
            }
            let image = (loss(moved(f, step), g, 1.5, -2) - loss(moved(f, -step), g, 1.5, -2)) / Double(2 * step)
            #expect(abs(image - Double(share.images[index])) < 2e-4)
            let text = (loss(f, moved(g, step), 1.5, -2) - loss(f, moved(g, -step), 1.5, -2)) / Double(2 * step)
            #expect(abs(text - Double(share.texts[index])) < 2e-4)
        }
        let scale = (loss(f, g, 1.5 + step, -2) - loss(f, g, 1.5 - step, -2)) / Double(2 * step)
        #expect(abs(scale - share.logScale) < 2e-4)
        let bias = (loss(f, g, 1.5, -2 + step) - loss(f, g, 1.5, -2 - step)) / Double(2 * step)
        #expect(abs(bias - share.bias) < 2e-4)
    }

    @Test("at cosine 0 both losses stand where chance puts them")
    func chance() {
        func orthogonal(_ count: Int) -> (Tensor, Tensor) {
            let f = Tensor((0..<count).flatMap { _ in [Float(1), 0] }, [count, 2], on: backend)
            let g = Tensor((0..<count).flatMap { _ in [Float(0), 1] }, [count, 2], on: backend)
            return (f, g)
        }
        func loss(_ kind: ContrastiveLoss.Kind, _ count: Int, _ bias: Double) -> Double {
            let (f, g) = orthogonal(count)
            return ContrastiveLoss(kind)
                .share(images: f, texts: g, logScale: 1, bias: Float(bias), own: 0..<count).loss
        }
        #expect(isClose(loss(.softmax, 128, 0), log(128)))
        #expect(isClose(loss(.sigmoid, 1, -10), 10.0000454))
        #expect(isClose(loss(.sigmoid, 16, -10), 10.0007264))
        #expect(isClose(loss(.sigmoid, 1024, -10), 10.0464885))
        #expect(isClose(loss(.sigmoid, 128, -log(127)), 5.848113))
        #expect(isClose(loss(.sigmoid, 1024, -log(1023)), 7.930983))
    }

    @Test("a set beyond one block of rows gives what a plain double loop gives")
    func manyRows() {
        let (f, g) = (random(300, 5, 5), random(300, 5, 6))
        let (a, b) = (f.floats.map(Double.init), g.floats.map(Double.init))
        func logit(_ i: Int, _ k: Int) -> Double {
            exp(1.0) * (0..<5).reduce(0) { $0 + a[i * 5 + $1] * b[k * 5 + $1] }
        }
        let rows = (0..<300).map { i in log((0..<300).reduce(0) { $0 + exp(logit(i, $1)) }) }
        let columns = (0..<300).map { k in log((0..<300).reduce(0) { $0 + exp(logit($1, k)) }) }
        let expected = (0..<300).reduce(0) { $0 + rows[$1] + columns[$1] - 2 * logit($1, $1) } / 600
        let share = ContrastiveLoss(.softmax).share(images: f, texts: g, logScale: 1, own: 0..<300)
        #expect(isClose(share.loss, expected))
    }
}
