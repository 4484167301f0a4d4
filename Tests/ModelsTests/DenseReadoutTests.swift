import Checkpoints
import Configs
import Foundation
import Layers
import Models
import Tensors
import Testing

@Suite("Dense read-outs")
struct DenseReadoutTests {
    let backend = CPUBackend(threadCount: 1)

    private func tower() throws -> VisionTransformer {
        let configuration = try ModelConfiguration(json: try #require(Presets.models["stillhouse-tiny"])).vision
        return try VisionTransformer(ParameterScope(InitializingSource(seed: 3, on: backend)), configuration)
    }

    private func images(_ shape: Shape) -> Tensor {
        let random = RandomGenerator(run: 4, epoch: 0, sample: 0, view: 0)
        return Tensor((0..<shape.count).map { Float(random.normal(at: $0)) }, shape, on: backend)
    }

    @Test(
        "a name is written as it is read",
        arguments: [
            ("value-residual", "value-residual"), ("kk", "kk"), ("kk/reduced/σ5", "kk"), ("kk/reduced", "kk/reduced"),
            ("kk/full/σ5", "kk/full/σ5"), ("kk/full", "kk/full"), ("qq/reduced/σ2.5", "qq/reduced/σ2.5"),
            ("value-only/full", "value-only/full"), ("qq+kk/full", "qq+kk"), ("vanilla/full", "vanilla"),
        ]
    )
    func names(written: String, stored: String) throws {
        let readout = try DenseReadout(written)
        #expect(readout.description == stored)
        #expect(try DenseReadout(stored) == readout)
    }

    @Test(
        "other names are refused, with those that exist",
        arguments: ["", "kkk", "kk/", "kk/half", "kk/full/5", "kk/full/σ", "kk/full/σ5/x", "KK"]
    )
    func unknown(name: String) throws {
        let error = #expect(throws: ModelsError.unknownReadout(name)) { try DenseReadout(name) }
        #expect(try #require(error).description.contains("value-residual, value-only, qq, kk, qq+kk, vanilla"))
    }

    @Test("a neighbourhood needs a width above 0, and patches that are mixed by likeness")
    func sigma() {
        #expect(throws: ModelsError.unusableSigma(5, readout: "vanilla")) { try DenseReadout(.vanilla, sigma: 5) }
        #expect(throws: ModelsError.unusableSigma(1, readout: "value-only")) { try DenseReadout(.valueOnly, sigma: 1) }
        #expect(throws: ModelsError.unusableSigma(0, readout: "kk")) { try DenseReadout(.kk, sigma: 0) }
        #expect(throws: ModelsError.unusableSigma(.infinity, readout: "kk")) { try DenseReadout("kk/full/σinf") }
    }

    @Test("the Gaussian falls with the distance, and leaves the class token out")
    func gaussian() {
        let grid = Grid(rows: 11, columns: 12)
        let bias = NeighbourhoodBias.tensor(grid: grid, sigma: 5, on: backend).floats
        func between(_ a: (Int, Int), _ b: (Int, Int)) -> Float {
            bias[(1 + a.0 * 12 + a.1) * (1 + grid.count) + 1 + b.0 * 12 + b.1]
        }
        let expected: [((Int, Int), (Int, Int), Float)] = [
            ((3, 4), (3, 4), 1), ((3, 4), (3, 5), 0.980199), ((0, 0), (1, 1), 0.960789), ((2, 6), (6, 9), 0.606531),
            ((10, 11), (0, 11), 0.135335), ((0, 1), (0, 11), 0.135335),
        ]
        for (a, b, value) in expected {
            #expect(abs(between(a, b) - value) < 1e-5)
            #expect(between(a, b) == between(b, a))
        }
        #expect(bias.prefix(1 + grid.count).allSatisfy { $0 == 0 })
        #expect(stride(from: 0, to: bias.count, by: 1 + grid.count).allSatisfy { bias[$0] == 0 })
    }

    @Test("value-residual is the read-out by default, bit for bit")
    func byDefault() throws {
        let (tower, images) = (try tower(), images([2, 3, 24, 48]))
        let named = try DenseReadout("value-residual")
        let byName = tower.denseFeatures(images, readout: named).tokens.floats
        #expect(tower.denseFeatures(images).tokens.floats == byName)
    }

    @Test("a picture's features do not depend on its batch", arguments: DenseReadout.Name.allCases)
    func batches(name: DenseReadout.Name) throws {
        let (tower, images) = (try tower(), images([3, 3, 24, 40]))
        let all = tower.denseFeatures(images, readout: DenseReadout(name)).tokens
        let one = tower.denseFeatures(images.sliced(axis: 0, 1..<2), readout: DenseReadout(name)).tokens
        #expect(all.sliced(axis: 0, 1..<2).floats == one.floats)
        #expect(one.shape == [1, 15, 32])
    }

    @Test("a neighbourhood of infinite reach changes nothing but the class token's share")
    func wide() throws {
        // Every patch gets 1 more from every patch; only the class token is listened to e times less.
        let (tower, images) = (try tower(), images([1, 3, 32, 32]))
        let plain = try tower.denseFeatures(images, readout: DenseReadout(.kk, sigma: nil)).tokens.floats
        let wide = try tower.denseFeatures(images, readout: DenseReadout(.kk, sigma: 1e6)).tokens.floats
        let narrow = try tower.denseFeatures(images, readout: DenseReadout(.kk, sigma: 0.3)).tokens.floats
        func distance(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? 0 }
        #expect(distance(plain, wide) < distance(plain, narrow))
        #expect(distance(plain, narrow) > 1e-4)
    }

    @Test("without a neighbourhood every read-out has a gradient", arguments: [DenseReadout.qq, .vanilla, .valueOnly])
    func gradients(readout: DenseReadout) throws {
        let tower = try tower()
        let pixels = images([1, 3, 16, 24]).asVariable()
        let tokens = tower.denseFeatures(pixels, readout: readout).tokens
        let gradient = try #require((tokens * images(tokens.shape)).sum().gradients(of: [pixels]).first)
        #expect(gradient.floats.contains { $0 != 0 })
    }

    @Test("everything that decides a feature is in the digest")
    func digest() throws {
        let tower = try ModelConfiguration(json: try #require(Presets.models["stillhouse-tiny"])).vision
        let encoder = Digest(of: [1, 2, 3])
        let first = try DenseReadout.kk.digest(encoder: encoder, of: tower)
        #expect(try DenseReadout.kk.digest(encoder: encoder, of: tower) == first)
        var (otherActivation, otherEpsilon) = (tower, tower)
        otherActivation.activation = tower.activation == .gelu ? .quickGELU : .gelu
        otherEpsilon.normEpsilon = 1e-6
        let others = [
            try DenseReadout.qq.digest(encoder: encoder, of: tower),
            try DenseReadout(.kk, sigma: nil).digest(encoder: encoder, of: tower),
            try DenseReadout(.kk, tail: .full, sigma: 5).digest(encoder: encoder, of: tower),
            try DenseReadout.kk.digest(encoder: Digest(of: [4]), of: tower),
            try DenseReadout.kk.digest(encoder: encoder, of: otherActivation),
            try DenseReadout.kk.digest(encoder: encoder, of: otherEpsilon),
            try DenseReadout.kk.digest(encoder: encoder, of: tower, normalization: "imagenet"),
            try DenseReadout.kk.digest(encoder: encoder, of: tower, dtype: .float64),
        ]
        #expect(Set(others + [first]).count == others.count + 1)
        // The record behind it, so that another program can make the same digest.
        let record = """
            {"activation":"gelu","dtype":"float32","encoderDigest":"\(encoder)","lnEps":"1e-05","name":"kk",\
            "normalization":"clip","posResize":"bicubic, a = -0.75, corners not aligned, no antialias","sigma":"5.0",\
            "tail":"reduced"}
            """
        #expect(Digest(of: record.utf8) == first)
    }
}
