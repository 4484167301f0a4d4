/// Merges the symbols of one word after another, always the pair of the lowest rank first.
///
/// A heap holds the pairs that could be merged, so that a word of n bytes takes n·log n steps, however long it is. A
/// merge's result has a higher rank than itself in every later pair, hence the order by (rank, place) is the
/// reference's, which merges all places of one pair before it looks at the next.
///
/// - SeeAlso: Sennrich, Haddow and Birch 2016, arXiv:1508.07909, section 3.2.
struct BytePairMerging {
    private let vocabulary: BytePairVocabulary
    private var symbols: [UInt16] = []
    /// The neighbours of each symbol that is still there; −1 beyond the ends.
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// What each place and its neighbour would become; 0 where nothing, as no merge makes symbol 0.
    private var candidates: [UInt16] = []
    /// A binary heap of merged symbol (which grows with the rank) and place.
    private var heap: [UInt64] = []

    init(_ vocabulary: BytePairVocabulary) { self.vocabulary = vocabulary }

    /// Appends the tokens of a word, given as UTF-8, to `tokens`.
    mutating func append(_ word: [UInt8], to tokens: inout [Int32]) {
        guard !word.isEmpty else { return }
        start(with: word)
        while let entry = pop() {
            let (place, symbol) = (Int(entry & 0xFFFF_FFFF), UInt16(entry >> 32))
            // Entries whose pair has changed meanwhile are passed over.
            if candidates[place] == symbol { merge(at: place, into: symbol) }
        }
        var place = 0
        while place >= 0 {
            tokens.append(Int32(symbols[place]))
            place = Int(next[place])
        }
    }

    private mutating func start(with word: [UInt8]) {
        let count = word.count
        symbols.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        candidates.removeAll(keepingCapacity: true)
        for (index, byte) in word.enumerated() {
            symbols.append(vocabulary.symbolOfByte[Int(byte)])
            next.append(index + 1 < count ? Int32(index + 1) : -1)
            previous.append(Int32(index) - 1)
            candidates.append(0)
        }
        symbols[count - 1] += UInt16(BytePairVocabulary.byteCount)
        for index in 0..<count { look(at: index) }
    }

    private mutating func merge(at place: Int, into symbol: UInt16) {
        let gone = Int(next[place])
        symbols[place] = symbol
        candidates[gone] = 0
        next[place] = next[gone]
        if next[place] >= 0 { previous[Int(next[place])] = Int32(place) }
        if previous[place] >= 0 { look(at: Int(previous[place])) }
        look(at: place)
    }

    /// Notes what a place and its neighbour would become.
    private mutating func look(at place: Int) {
        candidates[place] = 0
        guard next[place] >= 0, let symbol = vocabulary.merge(symbols[place], symbols[Int(next[place])]) else { return }
        candidates[place] = symbol
        push(UInt64(symbol) << 32 | UInt64(place))
    }

    // MARK: Heap

    private mutating func push(_ entry: UInt64) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if heap[parent] <= heap[child] { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func pop() -> UInt64? {
        guard let least = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return least }
        heap[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child >= heap.count { return least }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            if heap[parent] <= heap[child] { return least }
            heap.swapAt(parent, child)
            parent = child
        }
    }
}
