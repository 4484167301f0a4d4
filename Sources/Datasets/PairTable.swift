import Foundation

/// A table of pairs as written: which pictures it names, with the captions of each. No picture has been looked at.
///
/// The file is mapped and walked once; what is kept are names and captions.
package struct PairTable: Sendable {
    package struct Picture: Sendable, Hashable {
        package let name: String
        /// Of the row that names it first.
        package let line: Int
        /// Of all rows that name it, in their order; empty where none can be used.
        package internal(set) var captions: [String] = []
    }

    package let path: String
    /// In the order in which they are named first.
    package private(set) var pictures: [Picture] = []
    package private(set) var rejected: [RejectedRecord] = []
    private var positions: [String: Int] = [:]
    private var tally = CaptionTally()
    /// Columns of JSON lines that were seen for each role; a table of thousands of lines without any is a mistake.
    private var hasImage = false
    private var hasCaption = false
    private var names: [String] = []

    package var warnings: [DatasetWarning] { tally.warnings(file: path) }

    package static func read(_ path: String, columns: PairColumns = PairColumns()) throws(DatasetError) -> PairTable {
        let format = try PairFormat(path: path)
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw .unreadableFile(path: path, cause: error.localizedDescription)
        }
        var table = PairTable(path: path)
        if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]) {
            throw .invalidTable(path: path, cause: "written in UTF-16")
        }
        let result = data.withUnsafeBytes { raw -> Result<Void, DatasetError> in
            let bytes = raw.bindMemory(to: UInt8.self)
            switch format {
            case .csv, .tsv: return table.readRows(DelimitedText(bytes, format), columns)
            case .jsonl: return table.readLines(bytes, columns)
            }
        }
        try result.get()
        return table
    }

    private init(path: String) {
        self.path = path
    }

    // MARK: CSV and TSV

    private mutating func readRows(_ text: DelimitedText, _ columns: PairColumns) -> Result<Void, DatasetError> {
        var text = text
        guard let header = text.next() else { return .failure(.invalidTable(path: path, cause: "it is empty")) }
        if let defect = header.defect {
            return .failure(.invalidTable(path: path, cause: "its first line has \(defect)"))
        }
        let names = header.fields.map { Caption(text.content(of: $0)).text }
        guard let image = PairColumns.position(in: names, of: columns.wantedImages) else {
            return .failure(missing("image", columns, names))
        }
        guard let caption = PairColumns.position(in: names, of: columns.wantedCaptions), caption != image else {
            return .failure(missing("caption", columns, names))
        }
        while let row = text.next() {
            if let defect = row.defect {
                reject(row.line, defect + ".")
            } else if row.fields.count != names.count {
                // A comma that nobody quoted: the caption would lose its end without a word.
                reject(row.line, "\(row.fields.count) columns, the first line has \(names.count).")
            } else {
                let found = Caption(text.content(of: row.fields[caption]))
                add(text.content(of: row.fields[image]), [found], row.line)
            }
        }
        return .success(())
    }

    private func missing(_ role: String, _ columns: PairColumns, _ names: [String]) -> DatasetError {
        .missingColumn(
            path: path,
            role: role,
            wanted: role == "image" ? columns.wantedImages : columns.wantedCaptions,
            found: Array(names.prefix(40)),
            setting: "data.\(role)_column"
        )
    }

    // MARK: JSON lines

    private mutating func readLines(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ columns: PairColumns
    ) -> Result<Void, DatasetError> {
        var (start, line) = (0, 0)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            line += 1
            readLine(UnsafeBufferPointer(rebasing: bytes[start..<end]), line, columns)
            start = end + 1
        }
        if !names.isEmpty && !hasImage { return .failure(missing("image", columns, names)) }
        if !names.isEmpty && !hasCaption { return .failure(missing("caption", columns, names)) }
        if pictures.isEmpty && rejected.isEmpty { return .failure(.invalidTable(path: path, cause: "it is empty")) }
        return .success(())
    }

    private mutating func readLine(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Int, _ columns: PairColumns) {
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        var image: (rank: Int, text: String?)?
        var captions: (rank: Int, found: [Caption])?
        var found: [String] = []
        do {
            var scanner = JSONScanner(bytes)
            try scanner.object { scanner, name throws(JSONError) in
                found.append(name)
                if let rank = PairColumns.rank(of: name, among: columns.wantedImages), rank < image?.rank ?? .max {
                    image = (rank, try scanner.stringOrNil())
                } else if let rank = PairColumns.rank(of: name, among: columns.wantedCaptions),
                    rank < captions?.rank ?? .max
                {
                    captions = (rank, try scanner.captions())
                } else {
                    try scanner.skip()
                }
            }
            try scanner.end()
        } catch {
            return reject(line, "not a JSON object: \(error.cause), at byte \(error.offset) of the line.")
        }
        if names.isEmpty { names = Array(found.prefix(40)) }
        hasImage = hasImage || image != nil
        hasCaption = hasCaption || captions != nil
        guard let image else { return reject(line, "it names no picture.") }
        guard let text = image.text else { return reject(line, "the picture's name is no text.") }
        guard let captions else { return reject(line, "it has no caption.") }
        add(Array(text.utf8), captions.found, line)
    }

    // MARK: Pairs

    private mutating func add(_ name: [UInt8], _ captions: [Caption], _ line: Int) {
        guard let name = String(validating: name, as: UTF8.self) else {
            return reject(line, "the picture's name is not UTF-8.")
        }
        let trimmed = Caption(name).text
        guard !trimmed.isEmpty else { return reject(line, "it names no picture.") }
        let position: Int
        if let known = positions[trimmed] {
            position = known
        } else {
            position = pictures.count
            positions[trimmed] = position
            pictures.append(Picture(name: trimmed, line: line))
        }
        for caption in captions {
            if let text = tally.text(of: caption, at: "line \(line)") { pictures[position].captions.append(text) }
        }
    }

    private mutating func reject(_ line: Int, _ cause: String) {
        rejected.append(RejectedRecord(file: path, position: .line(line), cause: cause))
    }
}
