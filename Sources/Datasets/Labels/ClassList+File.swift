extension ClassList {
    /// Larger files are something else.
    private static let byteLimit = 1 << 20

    /// Reads the text form.
    ///
    /// - Throws: `DatasetError.unreadableFile`, or `.invalidClassList` also for what is no UTF-8.
    package init(contentsOf path: String) throws(DatasetError) {
        let bytes = try LocalFile.bytes(at: path, limit: Self.byteLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidClassList(source: path, cause: "it is not UTF-8 text")
        }
        try self.init(text: text, source: path)
    }
}
