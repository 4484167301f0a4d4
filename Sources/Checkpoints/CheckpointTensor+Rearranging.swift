/// Moves of whole elements, for key maps: no value changes, so each is undone exactly.
extension CheckpointTensor {
    /// `[m, n]` as `[n, m]`; nil unless the tensor is a matrix.
    package func transposed() -> CheckpointTensor? {
        guard shape.count == 2 else { return nil }
        let moved: [UInt8] =
            switch dtype.byteCount {
            case 1: transposedBytes(of: UInt8.self)
            case 2: transposedBytes(of: UInt16.self)
            case 4: transposedBytes(of: UInt32.self)
            default: transposedBytes(of: UInt64.self)
            }
        return CheckpointTensor(trusted: dtype, [shape[1], shape[0]], moved)
    }

    /// Equal parts along the leading axis; nil when it does not divide.
    package func split(into count: Int) -> [CheckpointTensor]? {
        guard let leading = shape.first, leading % count == 0 else { return nil }
        let size = bytes.count / count
        return (0..<count).map { part in
            let range = part * size..<(part + 1) * size
            return CheckpointTensor(trusted: dtype, [leading / count] + shape.dropFirst(), Array(bytes[range]))
        }
    }

    /// Joins parts of one type and shape along the leading axis; nil when they differ or are scalars.
    package init?(concatenating parts: [CheckpointTensor]) {
        guard let first = parts.first, let leading = first.shape.first,
            parts.allSatisfy({ $0.signature == first.signature })
        else { return nil }
        self.init(trusted: first.dtype, [leading * parts.count] + first.shape.dropFirst(), parts.flatMap(\.bytes))
    }

    private func transposedBytes<Word: FixedWidthInteger>(of word: Word.Type) -> [UInt8] {
        let (rows, columns) = (shape[0], shape[1])
        let words: [Word] = decoded { $0 }
        var moved = [Word](repeating: 0, count: words.count)
        for row in 0..<rows {
            for column in 0..<columns { moved[column * rows + row] = words[row * columns + column] }
        }
        return Self.encoded(moved) { $0 }
    }
}
