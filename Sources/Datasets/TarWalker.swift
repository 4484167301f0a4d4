/// Walks a tar archive once, front to back, through a window of bounded size: ustar, GNU long names, pax paths and sizes.
///
/// Where a header is damaged it looks for the next block that is one, so that one bad spot costs what lies on it.
package struct TarWalker<Source: ShardBytes> {
    package enum Event: Sendable, Hashable {
        case member(TarMember)
        /// Nothing can be said of the bytes from here to the next event.
        case damaged(offset: Int64, cause: String)
    }

    private let source: Source
    private let windowSize: Int
    private var window: [UInt8] = []
    private var windowOffset: Int64 = 0
    private var position: Int64 = 0
    private var isAtEnd = false
    private var pendingName: [UInt8]?
    private var pendingSize: Int64?

    private static var block: Int { TarHeader.byteCount }
    /// Names and records beyond this are no names.
    private static var maximumNameSize: Int64 { 65_536 }
    /// No disk has this; sums of larger sizes could overflow.
    private static var maximumSize: Int64 { 1 << 50 }

    package init(_ source: Source, windowSize: Int = 1 << 20) {
        precondition(windowSize >= 2 * TarHeader.byteCount, "a window holds a header")
        self.source = source
        self.windowSize = windowSize
    }

    /// The next file, in the order of the archive; nil at its end.
    package mutating func next() async throws(DatasetError) -> Event? {
        var zeroBlocks = 0
        while !isAtEnd {
            let block = try await bytes(at: position, count: Self.block)
            if block.isEmpty { return end() }
            guard block.count == Self.block else { return end(.damaged(offset: position, cause: "ends in a header")) }
            if block.allSatisfy({ $0 == 0 }) {
                zeroBlocks += 1
                position += Int64(Self.block)
                if zeroBlocks == 2 { return end() }
                continue
            }
            zeroBlocks = 0
            guard let header = TarHeader(block) else { return try await resynchronised(block) }
            if let event = try await event(for: header) { return event }
        }
        return nil
    }

    /// Some leading bytes of a member: all that are there, if `count` is larger.
    package mutating func head(of member: TarMember, count: Int) async throws(DatasetError) -> [UInt8] {
        Array(try await bytes(at: member.offset, count: Int(min(Int64(count), member.byteCount))))
    }

    /// Whether the archive has the last byte of a member.
    package mutating func isComplete(_ member: TarMember) async throws(DatasetError) -> Bool {
        if member.byteCount == 0 { return true }
        return try await !bytes(at: member.offset + member.byteCount - 1, count: 1).isEmpty
    }

    private mutating func end(_ last: Event? = nil) -> Event? {
        isAtEnd = true
        return last
    }

    /// Takes in one header and moves behind its data; nil for what is not a file.
    private mutating func event(for header: TarHeader) async throws(DatasetError) -> Event? {
        let start = position
        let offset = start + Int64(Self.block)
        let size = header.kind == .file ? pendingSize ?? header.size : header.size
        guard size <= Self.maximumSize else {
            forget()
            position = offset
            return .damaged(offset: start, cause: "a member of \(size) bytes")
        }
        position = offset + (size + Int64(Self.block) - 1) / Int64(Self.block) * Int64(Self.block)
        switch header.kind {
        case .other:
            forget()
            return nil
        case .file:
            let name = pendingName.map { String(validating: $0, as: UTF8.self) } ?? header.name
            forget()
            guard let name else { return .damaged(offset: start, cause: "a name that is not UTF-8") }
            // Old programs mark folders by their names alone.
            if name.hasSuffix("/") { return nil }
            return .member(TarMember(name: name, offset: offset, byteCount: size))
        case .longName, .records:
            guard size <= Self.maximumNameSize else {
                forget()
                return .damaged(offset: start, cause: "a name of \(size) bytes")
            }
            let data = try await bytes(at: offset, count: Int(size))
            guard data.count == Int(size) else { return end(.damaged(offset: start, cause: "ends in a name")) }
            if header.kind == .longName {
                pendingName = TarHeader.text(data)
                return nil
            }
            guard let records = TarRecords(data) else {
                forget()
                return .damaged(offset: start, cause: "pax records that are not in order")
            }
            pendingName = records.path ?? pendingName
            pendingSize = records.size ?? pendingSize
            return nil
        }
    }

    private mutating func forget() {
        pendingName = nil
        pendingSize = nil
    }

    /// Looks for the next header; what a picture holds may look like one only if it was made to.
    private mutating func resynchronised(_ block: ArraySlice<UInt8>) async throws(DatasetError) -> Event {
        let start = position
        let isCompressed = start == 0 && block.starts(with: [0x1F, 0x8B])
        forget()
        if isCompressed {
            isAtEnd = true
            return .damaged(offset: 0, cause: "compressed by gzip; shards are plain tar, as pictures are compressed")
        }
        while true {
            position += Int64(Self.block)
            let next = try await bytes(at: position, count: Self.block)
            if next.count < Self.block {
                isAtEnd = true
                break
            }
            if let header = TarHeader(next), header.isUSTAR { break }
        }
        return .damaged(offset: start, cause: "no header where one should be; \(position - start) bytes passed over")
    }

    private mutating func bytes(at offset: Int64, count: Int) async throws(DatasetError) -> ArraySlice<UInt8> {
        let isInside = offset >= windowOffset && offset + Int64(count) <= windowOffset + Int64(window.count)
        if !isInside {
            window = try await source.bytes(at: offset, count: max(count, windowSize))
            windowOffset = offset
        }
        return window.dropFirst(Int(offset - windowOffset)).prefix(count)
    }
}
