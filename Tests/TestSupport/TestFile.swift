import Foundation

/// Committed files, found beside the sources: fixtures need no bundle and can be shared between test targets.
package enum TestFile {
    /// The path of a file below `Tests/`, such as `CheckpointsTests/Fixtures/mix.safetensors`.
    package static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(name).path
    }
}
