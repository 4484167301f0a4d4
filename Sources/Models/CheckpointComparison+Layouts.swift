package import Checkpoints
import OrderedCollections

extension CheckpointComparison {
    /// `weights diff`: compares two paths; files of different layouts are compared by their native keys.
    ///
    /// Files of one layout, or of none that we know (gradients, moments), are compared as they are, a tensor at a time.
    package init(comparing left: String, with right: String) throws(CheckpointError) {
        let files = (try CheckpointFiles(opening: left), try CheckpointFiles(opening: right))
        let layouts = (
            CheckpointLayout.name(of: files.0.signatures.keys), CheckpointLayout.name(of: files.1.signatures.keys)
        )
        guard let first = layouts.0, let second = layouts.1, first != second else {
            try self.init(files.0, files.1)
            return
        }
        try self.init(Self.native(files.0), Self.native(files.1))
    }

    private static func native(_ files: CheckpointFiles) throws(CheckpointError) -> Checkpoint {
        do throws(CheckpointError) {
            return try files.checkpoint().native().checkpoint
        } catch {
            throw .inFile(files.path, error)
        }
    }
}
