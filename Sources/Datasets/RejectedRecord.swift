/// A line of a table, or a member of a shard, that gives no picture and no caption.
package struct RejectedRecord: Sendable, Hashable {
    package enum Position: Sendable, Hashable {
        /// Counted from 1, as editors do.
        case line(Int)
        /// In bytes from the beginning of the file.
        case offset(Int64)
    }

    package let file: String
    package let position: Position
    package let cause: String

    package init(file: String, position: Position, cause: String) {
        self.file = file
        self.position = position
        self.cause = cause
    }
}

extension RejectedRecord: CustomStringConvertible {
    package var description: String {
        switch position {
        case .line(let line): "\(file), line \(line): \(cause)"
        case .offset(let offset): "\(file), byte \(offset): \(cause)"
        }
    }
}
