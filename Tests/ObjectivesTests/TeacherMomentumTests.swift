import Objectives
import Testing

@Suite("TeacherMomentum") struct TeacherMomentumTests {
    private static func momentum(isCapped: Bool) -> TeacherMomentum {
        TeacherMomentum(reference: 0.966, referenceBatch: 16_384, isCapped: isCapped)
    }

    @Test(
        "the momentum of an update follows its size",
        arguments: [
            (32_768, 0.93316), (16_384, 0.96600), (8192, 0.98285), (4096, 0.99139), (2048, 0.99569), (1024, 0.99784),
            (512, 0.99892), (256, 0.99946), (128, 0.99973), (64, 0.99986),
        ]
    )
    func scaling(samples: Int, expected: Double) {
        let momentum = Self.momentum(isCapped: false).ofFullUpdate(samples: samples, updates: 100)
        #expect(abs(momentum - expected) < 0.5e-5)
    }

    @Test("in a short run the horizon is a twentieth of the run at most")
    func cap() {
        let capped = Self.momentum(isCapped: true)
        #expect(abs(capped.ofFullUpdate(samples: 128, updates: 3000) - 0.99333) < 0.5e-5)
        // Long enough: the reference holds.
        #expect(abs(capped.ofFullUpdate(samples: 16_384, updates: 3000) - 0.966) < 1e-12)
        // Where the whole run has no more updates than the horizon, there is nothing to cap.
        #expect(capped.ofFullUpdate(samples: 128, updates: 20) > 0.999)
    }
}
