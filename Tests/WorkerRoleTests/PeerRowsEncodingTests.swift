import Objectives
import Testing
import WorkerRole

@Suite("Encoded rows")
struct PeerRowsEncodingTests {
    private static var rows: PeerRows {
        var rows = PeerRows(width: 3)
        rows.append([1, -0.0, .leastNonzeroMagnitude], sample: 7, mark: PeerRows.Mark(image: .max, caption: 1))
        rows.append([0.1, 2.5e30, -3], sample: -1 << 40, mark: PeerRows.Mark(image: 0, caption: 0x0102_0304_0506_0708))
        return rows
    }

    @Test("come back bit by bit, also when there are none", arguments: [rows, PeerRows(width: 5), PeerRows(width: 0)])
    func roundTrip(rows: PeerRows) throws {
        let decoded = try #require(PeerRows(encoded: rows.encoded))
        #expect(decoded == rows && decoded.width == rows.width)
        #expect(decoded.values.map(\.bitPattern) == rows.values.map(\.bitPattern))
    }

    @Test("have the form that is written down")
    func form() {
        var rows = PeerRows(width: 1)
        rows.append([1], sample: 258, mark: PeerRows.Mark(image: 3, caption: 4))
        let numbers: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [2, 1, 0, 0, 0, 0, 0, 0]
            + [3, 0, 0, 0, 0, 0, 0, 0] + [4, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0x80, 0x3f]
        #expect(rows.encoded == Array("stillhouse peer rows 1\n".utf8) + numbers)
    }

    @Test("cut short, too long, of another version or with counts that cannot be, are none")
    func damaged() {
        let bytes = Self.rows.encoded
        for count in bytes.indices { #expect(PeerRows(encoded: Array(bytes.prefix(count))) == nil, "\(count) bytes") }
        #expect(PeerRows(encoded: bytes + [0]) == nil)
        var other = bytes
        other[21] = UInt8(ascii: "2")
        #expect(PeerRows(encoded: other) == nil)
        for place in 23..<39 {
            var huge = bytes
            huge[place] = 0xff
            #expect(PeerRows(encoded: huge) == nil, "byte \(place)")
        }
    }
}
