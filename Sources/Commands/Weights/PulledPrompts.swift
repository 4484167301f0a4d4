import Checkpoints
import Models

/// What `stillhouse weights pull` says of a file of prompts.
struct PulledPrompts: Encodable {
    let file: String
    let run: String
    let role: String
    let version: Int
    let prompts: Int
    let contexts: Int
    let width: Int
    let encoder: Digest
    let readout: String
    let bytes: Int

    init(_ prompts: SegmentationPrompts, file: String, checkpoint: Checkpoint) {
        self.file = file
        let origin = prompts.facts.origin
        run = origin["run"] ?? ""
        role = origin["role"] ?? ""
        version = origin["step"].flatMap(Int.init) ?? 0
        (self.prompts, contexts, width) = (prompts.count, prompts.length, prompts.width)
        (encoder, readout) = (prompts.facts.encoder, prompts.facts.readout)
        bytes = checkpoint.byteCount
    }

    var text: String {
        """
        \(file): prompts (\(role)) at version \(version) of \(run), \(prompts) that segment and a global one, \
        \(contexts) contexts of width \(width), \(Units.bytes(bytes))
        for encoder \(encoder), read-out \(readout)
        """
    }
}
