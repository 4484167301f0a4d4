import Images

/// What one shard holds: members put together to samples by their names up to the first dot, as WebDataset has it.
struct ShardContent: Sendable {
    struct Item: Sendable {
        /// The common part of the members' names.
        let name: String
        /// Where its first member begins.
        let offset: Int64
        var picture: (member: TarMember, outcome: HeaderReader.Outcome)?
        var texts: [Caption] = []
        var described: [Caption] = []
        var label: Int64?

        /// A text file says it; a JSON file is asked where there is none, as it tends to repeat the text.
        var captions: [Caption] { texts.allSatisfy(\.text.isEmpty) ? texts + described : texts }
    }

    let file: String
    private(set) var items: [Item] = []
    private(set) var rejected: [RejectedRecord] = []
    private var positions: [String: Int] = [:]

    private static let maximumDescriptionSize: Int64 = 1 << 20
    private static let maximumLabelSize: Int64 = 64

    /// - Throws: only what reading the shard throws; what is wrong with it is recorded.
    init<Source: ShardBytes>(
        _ file: String,
        _ source: Source,
        columns: PairColumns,
        reader: HeaderReader,
        windowSize: Int = 1 << 20
    ) async throws(DatasetError) {
        self.file = file
        var walker = TarWalker(source, windowSize: windowSize)
        while let event = try await walker.next() {
            switch event {
            case .damaged(let offset, let cause): reject(offset, "the shard is damaged: \(cause).")
            case .member(let member): try await take(member, &walker, columns, reader)
            }
        }
    }

    private mutating func take<Source: ShardBytes>(
        _ member: TarMember,
        _ walker: inout TarWalker<Source>,
        _ columns: PairColumns,
        _ reader: HeaderReader
    ) async throws(DatasetError) {
        var name = Substring(member.name)
        while name.hasPrefix("./") { name = name.dropFirst(2) }
        guard (try? ImageKey(String(name))) != nil else {
            return reject(member.offset, "member \(member.name.debugDescription) leads out of the shard.")
        }
        let lastPart = name.split(separator: "/").last ?? ""
        guard let dot = lastPart.firstIndex(of: "."), dot > lastPart.startIndex else { return }
        let kind = lastPart[lastPart.index(after: dot)...].lowercased()
        guard ["jpg", "jpeg", "png", "txt", "json", "cls"].contains(kind) else { return }
        let item = position(of: String(name[..<dot]), member.offset)
        // Pictures first: their heads lie in the window that the header came with.
        var outcome: HeaderReader.Outcome?
        if ["jpg", "jpeg", "png"].contains(kind) {
            if items[item].picture != nil { return reject(member.offset, "\(name): a second picture of its name.") }
            outcome = try await header(of: member, &walker, reader)
        }
        guard try await walker.isComplete(member) else {
            return reject(member.offset, "\(name): the shard ends within its \(member.byteCount) bytes.")
        }
        if let outcome {
            items[item].picture = (TarMember(name: String(name), member), outcome)
        } else {
            try await read(member, kind, into: item, &walker, columns)
        }
    }

    private mutating func read<Source: ShardBytes>(
        _ member: TarMember,
        _ kind: String,
        into item: Int,
        _ walker: inout TarWalker<Source>,
        _ columns: PairColumns
    ) async throws(DatasetError) {
        switch kind {
        case "txt":
            items[item].texts.append(
                Caption(try await walker.head(of: member, count: 4 * Caption.maximumByteCount + 1))
            )
        case "json":
            guard member.byteCount <= Self.maximumDescriptionSize else {
                return reject(member.offset, "\(member.name): \(member.byteCount) bytes, too many for a description.")
            }
            let bytes = try await walker.head(of: member, count: Int(Self.maximumDescriptionSize))
            switch Self.captions(in: bytes, columns) {
            case .success(let captions): items[item].described += captions
            case .failure(let error): reject(member.offset, "\(member.name): \(error.cause), at byte \(error.offset).")
            }
        default:
            let bytes = try await walker.head(of: member, count: Int(Self.maximumLabelSize))
            guard let label = Int64(Caption(bytes).text), member.byteCount <= Self.maximumLabelSize else {
                return reject(member.offset, "\(member.name): no whole number.")
            }
            items[item].label = label
        }
    }

    private func header<Source: ShardBytes>(
        of member: TarMember,
        _ walker: inout TarWalker<Source>,
        _ reader: HeaderReader
    ) async throws(DatasetError) -> HeaderReader.Outcome {
        guard member.byteCount <= Int64(reader.root.byteLimit) else {
            return .rejected(.bad(.tooManyBytes(limit: reader.root.byteLimit)))
        }
        let leading = try await walker.head(of: member, count: HeaderReader.prefixCount)
        if let outcome = reader.outcome(leading, isAll: Int64(leading.count) == member.byteCount, member.name) {
            return outcome
        }
        let all = try await walker.head(of: member, count: Int(member.byteCount))
        return reader.outcome(all, isAll: true, member.name) ?? .rejected(.bad(.undecodable(.empty)))
    }

    private static func captions(in bytes: [UInt8], _ columns: PairColumns) -> Result<[Caption], JSONError> {
        bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(JSONError) in
                var best: (rank: Int, captions: [Caption])?
                var scanner = JSONScanner(buffer)
                try scanner.object { scanner, name throws(JSONError) in
                    if let rank = PairColumns.rank(of: name, among: columns.wantedCaptions), rank < best?.rank ?? .max {
                        best = (rank, try scanner.captions())
                    } else {
                        try scanner.skip()
                    }
                }
                try scanner.end()
                return best?.captions ?? []
            }
        }
    }

    private mutating func position(of name: String, _ offset: Int64) -> Int {
        if let known = positions[name] { return known }
        positions[name] = items.count
        items.append(Item(name: name, offset: offset))
        return items.count - 1
    }

    private mutating func reject(_ offset: Int64, _ cause: String) {
        rejected.append(RejectedRecord(file: file, position: .offset(offset), cause: cause))
    }
}

extension TarMember {
    /// The same bytes under a shorter spelling of the name.
    fileprivate init(name: String, _ member: TarMember) {
        self.init(name: name, offset: member.offset, byteCount: member.byteCount)
    }
}
