package import Images

/// Pictures and captions of tar shards: `.jpg`, `.jpeg` or `.png` with `.txt` or `.json` of the same name, and perhaps
/// `.cls`, the number of a class.
///
/// Shards are walked once, when they are indexed. The index keeps where the bytes of each picture lie, and from then on a
/// picture is one read at an offset: of a local file, or by a range request to an http server. There is no second way for
/// servers that give no ranges: fetching a gigabyte for one picture, or keeping shards on every worker's disk, would hide
/// the mistake at the price of the run; such a server is refused with what to do about it.
package struct WebDataset: Sendable {
    package let root: ImageRoot
    package let shards: String?
    package let columns: PairColumns
    package let limits: ImageLimits
    package let minimumSide: Int
    /// How many shards are walked at once.
    private let concurrency = 4

    /// - Parameters:
    ///   - shards: names below the root, such as `train-{000000..000127}.tar`; nil for every `.tar` of a directory.
    ///   - columns: `caption` is the key in `.json` members.
    package init(
        root: ImageRoot,
        shards: String? = nil,
        columns: PairColumns = PairColumns(),
        limits: ImageLimits = .standard,
        minimumSide: Int = Dataset.standardMinimumSide
    ) {
        self.root = root
        self.shards = shards
        self.columns = columns
        self.limits = limits
        self.minimumSide = minimumSide
    }

    /// Walks every shard. Samples come in the order of the shards and, within one, of their first members.
    package func scan() async throws(DatasetError) -> DatasetScan {
        let files = try names()
        let contents = try await contents(of: files)
        // Labels alone make a dataset of classes; with one caption it is a dataset of pairs.
        let wantsCaptions = contents.contains { content in
            content.items.contains { item in item.captions.contains { !$0.text.isEmpty } }
        }
        var samples: [Sample] = []
        var rejected: [DatasetScan.RejectedImage] = []
        var records: [RejectedRecord] = []
        var warnings: [DatasetWarning] = []
        for content in contents {
            records += content.rejected
            var tally = CaptionTally()
            for item in content.items {
                let captions = item.captions.compactMap { tally.text(of: $0, at: item.name) }
                guard let (member, outcome) = item.picture else {
                    let cause = "\(item.name): no picture; jpg, jpeg or png is wanted."
                    records.append(RejectedRecord(file: content.file, position: .offset(item.offset), cause: cause))
                    continue
                }
                let key = content.file + "/" + member.name
                switch outcome {
                case .rejected(let reason): rejected.append(DatasetScan.RejectedImage(key: key, reason: reason))
                case .header where captions.isEmpty && (wantsCaptions || item.label == nil):
                    rejected.append(DatasetScan.RejectedImage(key: key, reason: .noCaption))
                case .header(let header):
                    samples.append(
                        Sample(
                            id: Int64(samples.count),
                            key: key,
                            width: header.width,
                            height: header.height,
                            captions: captions,
                            label: item.label,
                            place: ShardPlace(file: content.file, offset: member.offset, byteCount: member.byteCount)
                        )
                    )
                }
            }
            warnings += tally.warnings(file: content.file)
        }
        let scan = DatasetScan(
            index: DatasetIndex(kind: .webDataset, samples: samples),
            rejectedImages: rejected,
            rejectedRecords: records,
            warnings: warnings
        )
        guard samples.isEmpty else { return scan }
        let first = scan.rejections.first ?? "the shards are empty."
        let name = shards ?? "*.tar"
        throw .noSamples(path: name, root: root.name, rejected: scan.rejections.count, first: first)
    }

    private func names() throws(DatasetError) -> [String] {
        if let shards { return try ShardPattern(shards).names }
        guard let directory = root.directory else {
            throw .invalidRoot(root.name, cause: "an http root cannot be listed; name the shards (data.shards)")
        }
        let names = try DirectoryTree.files(below: directory) { $0.lowercased().hasSuffix(".tar") }
        if names.isEmpty {
            throw .noSamples(path: "*.tar", root: root.name, rejected: 0, first: "there is no such file.")
        }
        return names
    }

    private func contents(of files: [String]) async throws(DatasetError) -> [ShardContent] {
        let reader = HeaderReader(root: root, limits: limits, minimumSide: minimumSide)
        // A disk reads what it is asked for; a server is better asked seldom.
        let windowSize = root.directory == nil ? 1 << 20 : 1 << 17
        let result = await withTaskGroup(of: (Int, Result<ShardContent, DatasetError>).self) { group in
            var contents = [ShardContent?](repeating: nil, count: files.count)
            var next = 0
            func startNext() {
                guard next < files.count else { return }
                let (position, file) = (next, files[next])
                next += 1
                group.addTask {
                    do {
                        let shard = RootShard(root: root, file: file)
                        let content = try await ShardContent(
                            file,
                            shard,
                            columns: columns,
                            reader: reader,
                            windowSize: windowSize
                        )
                        return (position, .success(content))
                    } catch let error as DatasetError {
                        return (position, .failure(error))
                    } catch {
                        return (position, .failure(.cancelled))
                    }
                }
            }
            for _ in 0..<concurrency { startNext() }
            for await (position, content) in group {
                switch content {
                case .success(let content): contents[position] = content
                case .failure(let error):
                    group.cancelAll()
                    return Result<[ShardContent], DatasetError>.failure(error)
                }
                startNext()
            }
            return .success(contents.compactMap(\.self))
        }
        return try result.get()
    }
}
