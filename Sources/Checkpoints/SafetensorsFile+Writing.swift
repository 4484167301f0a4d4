import OrderedCollections

extension SafetensorsFile {
    /// Writes one file, atomically: the target is either its old self or complete and synced.
    ///
    /// Equal checkpoints give equal bytes, whatever the order of their tensors.
    ///
    /// - Throws: `CheckpointError.unwritable`; the target is then untouched and nothing else is left behind.
    package static func write(_ checkpoint: Checkpoint, to path: String) throws(CheckpointError) {
        try stage(checkpoint, replacing: path).commit()
    }

    /// Writes all bytes under a temporary name; the caller commits.
    static func stage(_ checkpoint: Checkpoint, replacing path: String) throws(CheckpointError) -> AtomicFile {
        let header = SafetensorsHeader(layingOut: checkpoint)
        let file = try AtomicFile(replacing: path)
        try file.append(header.encoded())
        for name in header.entries.keys {
            guard let tensor = checkpoint.tensors[name] else { continue }
            try file.append(tensor.bytes)
        }
        return file
    }
}
