package import Layers
import Models
package import Tensors

extension SILC {
    /// One row for each view that captions are matched to, and one for the caption, behind each other.
    package var peerRowSize: Int { (configuration.textViewCount + 1) * model.vision.embeddingSize }

    /// Unit embeddings of pictures and captions; teacher and local views take no part.
    package func peerRows(
        of views: [Views],
        student: ParameterTree,
        on backend: any Backend
    ) throws -> PeerRows {
        let towers = try Towers(self, ParameterScope(TreeSource(student)))
        let pictures = towers.clip.vision.encodeImage(textPictures(of: views, on: backend))
        let embeddings = embeddings(of: views, towers, pictures, on: backend)
        let parts = (embeddings.images + [embeddings.texts]).map { $0.floats }
        let size = model.vision.embeddingSize
        var rows = PeerRows(width: peerRowSize)
        for (index, view) in views.enumerated() {
            let row = parts.flatMap { $0[index * size..<(index + 1) * size] }
            rows.append(row, sample: view.sample, mark: view.mark)
        }
        return rows
    }
}
