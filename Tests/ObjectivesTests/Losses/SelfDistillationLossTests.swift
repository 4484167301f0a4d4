import Foundation
import Layers
import Objectives
import Tensors
import TestSupport
import Testing

@Suite struct SelfDistillationLossTests {
    let backend = CPUBackend(threadCount: 2)
    let loss = SelfDistillationLoss(studentTemperature: 0.1, teacherTemperature: 0.04)

    private func tensor(_ values: [Double], _ shape: Shape) -> Tensor {
        Tensor(values.map(Float.init), shape, on: backend)
    }

    @Test("teacher and student distributions, loss, entropy and gradient of a case by hand")
    func oracle() {
        let target = loss.target(
            tensor([0.5, -0.2, 0.1, 0.3], [1, 4]),
            centre: tensor([0.1, 0, -0.1, 0.2], [4]),
            globals: 1
        )
        #expect(zip(target.views.floats, [0.992761, 0, 0.006689, 0.000549]).allSatisfy { abs($0 - Float($1)) < 1e-6 })
        #expect(abs(target.entropySum - 0.04483342) < 1e-6)
        let student = tensor([0.3, 0.1, -0.2, 0.4], [1, 4]).asVariable()
        let value = loss(student, to: target)
        #expect(abs(value.floats[0] - 1.38365656) < 2e-6)
        let gradient = value.sum().gradients(of: [student])[0].floats
        let expected = [-7.337179, 0.350574, -0.049438, 7.036042]
        #expect(zip(gradient, expected).allSatisfy { abs($0 - Float($1)) < 1e-5 })
    }

    @Test("equal logits cost exactly the log of their number")
    func uniform() {
        let target = loss.target(tensor([0.5, -0.2, 0.1, 0.3], [1, 4]), centre: .zeros([4], on: backend), globals: 1)
        #expect(abs(loss(.zeros([1, 4], on: backend), to: target).floats[0] - Float(log(4.0))) < 1e-6)
    }

    @Test("the mean of the teacher's distributions stands for every pair of global and local view")
    func meanTeacher() {
        let noise = RandomGenerator(run: 4, epoch: 0, sample: 0, view: 0)
        func random(_ rows: Int, _ offset: Int) -> [Double] { (0..<rows * 6).map { noise.uniform(at: offset + $0) } }
        // Three pictures, two global and four local views each.
        let (teacher, student) = (random(6, 0), random(12, 100))
        let centre = random(1, 300)
        let target = loss.target(tensor(teacher, [6, 6]), centre: tensor(centre, [6]), globals: 2)
        let found = loss(tensor(student, [12, 6]), to: target).floats
        func softmax(_ x: [Double]) -> [Double] {
            let powers = x.map { exp($0) }
            return powers.map { $0 / powers.reduce(0, +) }
        }
        for picture in 0..<3 {
            for local in 0..<4 {
                let row = (picture * 4 + local) * 6
                let p = softmax((0..<6).map { student[row + $0] / 0.1 })
                let pairs = (0..<2).map { global -> Double in
                    let start = (picture * 2 + global) * 6
                    let q = softmax((0..<6).map { (teacher[start + $0] - centre[$0]) / 0.04 })
                    return zip(q, p).reduce(0) { $0 - $1.0 * log($1.1) }
                }
                #expect(abs(Double(found[picture * 4 + local]) - (pairs[0] + pairs[1]) / 2) < 1e-5)
            }
        }
    }

    @Test("the head gives cosines, and its gradient agrees with finite differences")
    func head() throws {
        let sizes = DistillationHead.Configuration(inputs: 5, hidden: 7, bottleneck: 4, prototypes: 9)
        let source = RecordingSource(InitializingSource(seed: 3, on: backend))
        let head = try DistillationHead(ParameterScope(source), sizes)
        #expect(
            source.tree.paths == [
                "distillation_head.layers.0.weight", "distillation_head.layers.0.bias",
                "distillation_head.layers.1.weight", "distillation_head.layers.1.bias",
                "distillation_head.layers.2.weight", "distillation_head.layers.2.bias",
                "distillation_head.prototypes",
            ]
        )
        let input = tensor((0..<15).map { sin(Double($0)) }, [3, 5])
        let cosines = head(input)
        #expect(cosines.shape == [3, 9])
        #expect(cosines.floats.allSatisfy { abs($0) <= 1.000001 })
        // A row's length decides nothing: its gradient is across it.
        var tree = source.tree
        let prototypes = try tree.tensor(DistillationHead.prototypePath).asVariable()
        tree[DistillationHead.prototypePath] = prototypes
        let model = try DistillationHead(ParameterScope(TreeSource(tree)), sizes)
        let weights = tensor((0..<27).map { cos(Double($0)) }, [3, 9])
        let gradient = (model(input) * weights).sum().gradients(of: [prototypes])[0]
        let along = gradient.rowDots(prototypes.detached()).floats
        #expect(along.allSatisfy { abs($0) < 1e-5 })
        let index = 13
        func value(_ step: Float) throws -> Double {
            var moved = prototypes.floats
            moved[index] += step
            tree[DistillationHead.prototypePath] = Tensor(moved, [9, 4], on: backend)
            let model = try DistillationHead(ParameterScope(TreeSource(tree)), sizes)
            return zip(model(input).floats, weights.floats).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        }
        let difference = try (value(1 / 512) - value(-1 / 512)) * 256
        #expect(abs(difference - Double(gradient.floats[index])) < 2e-3)
    }
}
