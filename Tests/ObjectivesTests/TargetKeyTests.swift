import Checkpoints
import Objectives
import Testing

@Suite("Names of targets")
struct TargetKeyTests {
    private func key(
        scope: String = "scope",
        file: String = "file",
        x: Double = 3,
        y: Double = 4,
        width: Double = 20,
        height: Double = 10,
        isMirrored: Bool = false
    ) -> TargetKey {
        let crop = CropRectangle(x0: x, y0: y, x1: x + width, y1: y + height, imageWidth: 100, imageHeight: 100)
        return TargetKey(
            scope: Digest(of: scope.utf8),
            file: Digest(of: file.utf8),
            crop: TargetCrop(crop, isMirrored: isMirrored)
        )
    }

    @Test("a name stays what it is from release to release, or every stored target is lost")
    func golden() {
        #expect("\(key().digest)" == "8948161b91ab92216c6cb3381481d62652df5a2eacf2d48cca2881b6e68d0c2a")
    }

    @Test("every ingredient makes another name")
    func ingredients() {
        let keys = [
            key(), key(scope: "other"), key(file: "other"), key(x: 4), key(y: 5), key(width: 21), key(height: 11),
            key(x: 4, y: 3), key(width: 10, height: 20), key(isMirrored: true),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key() == key())
    }
}
