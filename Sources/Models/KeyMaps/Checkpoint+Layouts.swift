package import Checkpoints
import OrderedCollections

extension Checkpoint {
    /// Weights in native keys, and what was found out on the way.
    package struct Native: Sendable {
        package let checkpoint: Checkpoint
        /// The layout they came in.
        package let layout: CheckpointLayout
        /// Keys passed over because they hold nothing trained.
        package let ignored: [String]
    }

    /// Recognises the layout, strips wrapper prefixes and derived tensors, and maps everything to native keys.
    ///
    /// - Throws: `CheckpointError`, with all missing and surplus keys at once.
    package func native() throws(CheckpointError) -> Native {
        let layout = try CheckpointLayout.detected(in: tensors.keys)
        let wrapper = CheckpointLayout.wrapper(of: tensors.keys)
        var kept: OrderedDictionary<String, CheckpointTensor> = [:]
        var ignored: [String] = []
        for (key, tensor) in tensors {
            let bare = String(key.dropFirst(wrapper.count))
            if CheckpointLayout.ignores(bare) { ignored.append(key) } else { kept[bare] = tensor }
        }
        let native = Checkpoint(tensors: try layout.keyMap.native(from: kept), metadata: metadata)
        return Native(checkpoint: native, layout: layout, ignored: ignored)
    }

    /// Native weights under the keys of another layout.
    package func laidOut(as layout: CheckpointLayout) throws(CheckpointError) -> Checkpoint {
        var foreign = Checkpoint(tensors: try layout.keyMap.foreign(from: tensors), metadata: metadata)
        if layout == .openAI {
            for (key, value) in try openAIScalars() {
                let word = withUnsafeBytes(of: Int64(value).littleEndian, Array.init)
                foreign.tensors[key] = try CheckpointTensor(dtype: .int64, shape: [], bytes: word)
            }
        }
        return foreign
    }

    /// The three numbers that OpenAI's release stores beside the weights, read off the shapes that imply them.
    private func openAIScalars() throws(CheckpointError) -> [(String, Int)] {
        var scalars: [(String, Int)] = []
        if let positions = tensors["visual.positional_embedding"], let patches = tensors["visual.conv1.weight"] {
            let cells = (positions.shape.first ?? 0) - 1
            let side = Int(Double(max(cells, 0)).squareRoot().rounded())
            guard side > 0, side * side == cells, let patch = patches.shape.last else {
                let reason = "\(cells) patch positions are not a square grid"
                throw .unmappable(tensor: "visual.positional_embedding", shape: positions.shape, reason: reason)
            }
            scalars.append((CheckpointLayout.openAIScalars[0], side * patch))
        }
        if let rows = tensors["positional_embedding"]?.shape.first {
            scalars.append((CheckpointLayout.openAIScalars[1], rows))
        }
        if let rows = tensors["token_embedding.weight"]?.shape.first {
            scalars.append((CheckpointLayout.openAIScalars[2], rows))
        }
        return scalars
    }
}
