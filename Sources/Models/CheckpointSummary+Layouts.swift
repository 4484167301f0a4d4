package import Checkpoints
import OrderedCollections

extension CheckpointSummary {
    /// `weights inspect`: lists what `path` stands for, with its layout where one is recognised.
    ///
    /// Without digests only headers are read. Weights of no known layout are listed all the same.
    package init(inspecting path: String, withDigests: Bool = false) throws(CheckpointError) {
        let files = try CheckpointFiles(opening: path)
        let layout = CheckpointLayout.name(of: files.signatures.keys)
        try self.init(of: files, layout: layout, withDigests: withDigests)
    }
}

extension CheckpointLayout {
    /// The layout's name for display; also names those that can be recognised but not read.
    static func name(of keys: some Collection<String>) -> String? {
        do {
            return try detected(in: keys).rawValue
        } catch {
            if case .unsupportedLayout(let name) = error { return name }
            return nil
        }
    }
}
