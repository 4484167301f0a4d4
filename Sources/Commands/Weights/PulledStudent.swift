import Checkpoints
import Models
import OrderedCollections

/// What `stillhouse weights pull` says of a file of a dense student.
struct PulledStudent: Encodable {
    let file: String
    let run: String
    let version: Int
    let parent: String?
    let decoderParameters: Int
    /// Tensors of the image tower that differ from the encoder's.
    let towerTensors: Int
    let encoder: Digest
    let readout: String
    let bytes: Int

    init(_ student: DenseStudent, file: String, checkpoint: Checkpoint) {
        self.file = file
        let facts = student.prompts.facts
        (run, parent) = (facts.origin["run"] ?? "", facts.origin["parent"])
        version = facts.origin["step"].flatMap(Int.init) ?? 0
        decoderParameters = student.decoder.values.reduce(0) { $0 + $1.elementCount }
        towerTensors = student.tower.count
        (encoder, readout) = (facts.encoder, facts.readout)
        bytes = checkpoint.byteCount
    }

    var text: String {
        let tower = towerTensors > 0 ? " and \(towerTensors) tensors of the image tower" : ""
        let begun = parent.map { ", begun with the prompts of \($0)" } ?? ""
        return """
            \(file): dense student at version \(version) of \(run)\(begun): a decoder of \
            \(Units.count(decoderParameters)) parameters\(tower), \(Units.bytes(bytes))
            for encoder \(encoder), read-out \(readout)
            """
    }
}
