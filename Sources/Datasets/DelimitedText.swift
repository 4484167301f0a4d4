/// Walks a CSV or TSV file once, front to back, row by row; fields are places in the file, not copies.
///
/// CSV as in RFC 4180: a field that begins with a quotation mark ends with one, a doubled one inside stands for one, commas
/// and line ends inside belong to it. In TSV a field never holds a line end, so quotation marks around one count only if they
/// are in order; a caption that merely begins with one keeps it.
struct DelimitedText {
    struct Field {
        let range: Range<Int>
        /// Doubled quotation marks within stand for one.
        let isQuoted: Bool
    }

    struct Row {
        /// Counted from 1: where the row begins.
        let line: Int
        var fields: [Field] = []
        /// Why the row is illegal; its fields are then of no use.
        var defect: String?
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let delimiter: UInt8
    private var offset: Int
    private var line = 1

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    /// A quotation mark that is never closed would take the rest of the file with it.
    private static let maximumFieldSize = 1 << 20
    private static let maximumFieldCount = 1 << 12

    /// - Parameter format: `.csv` or `.tsv`.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ format: PairFormat) {
        self.bytes = bytes
        delimiter = format == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t")
        // A byte order mark, as spreadsheets leave it.
        offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private var isCSV: Bool { delimiter == UInt8(ascii: ",") }

    /// The next row that is not empty; nil at the end of the file.
    mutating func next() -> Row? {
        while offset < bytes.count {
            if bytes[offset] == Self.lineFeed {
                offset += 1
                line += 1
            } else if bytes[offset] == Self.carriageReturn, byte(offset + 1) == Self.lineFeed {
                offset += 2
                line += 1
            } else {
                return row()
            }
        }
        return nil
    }

    /// The bytes that a field means.
    func content(of field: Field) -> [UInt8] {
        guard field.isQuoted else { return Array(bytes[field.range]) }
        var result: [UInt8] = []
        result.reserveCapacity(field.range.count)
        var position = field.range.lowerBound
        while position < field.range.upperBound {
            result.append(bytes[position])
            position += bytes[position] == Self.quote ? 2 : 1
        }
        return result
    }

    private func byte(_ position: Int) -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func row() -> Row {
        var row = Row(line: line)
        let start = offset
        while true {
            let isOpen = byte(offset) == Self.quote
            if isCSV && isOpen {
                guard let field = quotedField() else {
                    // Resume behind the row's first line, not at the end of the file.
                    offset = start
                    skipLine()
                    row.defect = "a quotation mark is not closed"
                    return row
                }
                row.fields.append(field)
                if !isAtFieldEnd {
                    skipLine()
                    row.defect = "text behind a closing quotation mark; double the marks inside of a field"
                    return row
                }
            } else {
                row.fields.append(plainField())
            }
            if row.fields.count > Self.maximumFieldCount {
                skipLine()
                row.defect = "more than \(Self.maximumFieldCount) columns"
                return row
            }
            guard byte(offset) == delimiter else { break }
            offset += 1
        }
        skipLine()
        return row
    }

    private var isAtFieldEnd: Bool {
        switch byte(offset) {
        case nil, delimiter, Self.lineFeed: true
        case Self.carriageReturn: byte(offset + 1) == Self.lineFeed || offset + 1 == bytes.count
        default: false
        }
    }

    /// From the opening quotation mark to behind the closing one; nil, and nothing consumed, where there is none.
    private mutating func quotedField() -> Field? {
        var position = offset + 1
        var lines = 0
        let limit = min(bytes.count, position + Self.maximumFieldSize)
        while position < limit {
            if bytes[position] == Self.lineFeed { lines += 1 }
            guard bytes[position] == Self.quote else {
                position += 1
                continue
            }
            guard byte(position + 1) == Self.quote else {
                let field = Field(range: offset + 1..<position, isQuoted: true)
                offset = position + 1
                line += lines
                return field
            }
            position += 2
        }
        return nil
    }

    private mutating func plainField() -> Field {
        let start = offset
        while offset < bytes.count, bytes[offset] != delimiter, bytes[offset] != Self.lineFeed { offset += 1 }
        let isLast = offset == bytes.count || bytes[offset] == Self.lineFeed
        let hasReturn = isLast && offset > start && bytes[offset - 1] == Self.carriageReturn
        let range = start..<(hasReturn ? offset - 1 : offset)
        return isQuotedInOrder(range)
            ? Field(range: range.lowerBound + 1..<range.upperBound - 1, isQuoted: true)
            : Field(range: range, isQuoted: false)
    }

    /// Whether a TSV field is one that a program put in quotation marks.
    private func isQuotedInOrder(_ range: Range<Int>) -> Bool {
        guard !isCSV, range.count >= 2, bytes[range.lowerBound] == Self.quote,
            bytes[range.upperBound - 1] == Self.quote
        else { return false }
        var position = range.lowerBound + 1
        while position < range.upperBound - 1 {
            guard bytes[position] == Self.quote else {
                position += 1
                continue
            }
            guard position + 1 < range.upperBound - 1, bytes[position + 1] == Self.quote else { return false }
            position += 2
        }
        return true
    }

    /// To the beginning of the next line.
    private mutating func skipLine() {
        while offset < bytes.count, bytes[offset] != Self.lineFeed { offset += 1 }
        if offset < bytes.count {
            offset += 1
            line += 1
        }
    }
}
