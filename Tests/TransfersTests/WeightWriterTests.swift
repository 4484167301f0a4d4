import Checkpoints
import Postgres
import Stores
import TestSupport
import Testing
import Transfers

@Suite("Weights written", .temporaryDatabase(.migrated))
struct WeightWriterTests {
    @Test("a chunk that is stored already is not sent again")
    func unchanged() async throws {
        let database = try TemporaryDatabase.current.database()
        // Sees every row that arrives, also one that then turns out to be there.
        try await database.execute("CREATE TABLE public.sent (digest bytea)")
        try await database.execute(
            """
            CREATE FUNCTION public.note_sent() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN INSERT INTO public.sent VALUES (NEW.digest); RETURN NEW; END $$
            """
        )
        try await database.execute(
            """
            CREATE TRIGGER note_sent BEFORE INSERT ON stillhouse.weights_chunk
            FOR EACH ROW EXECUTE FUNCTION public.note_sent()
            """
        )
        let writer = WeightWriter(WeightStore(database))
        var flat = [Float].anyBits(count: 262_145, seed: 3)
        let first = try await writer.write(flat, as: .student)
        #expect(first.map(\.ordinal) == [0, 1] && first.allSatisfy { $0.role == .student })
        #expect(try await writer.write(flat, as: .student) == first)
        flat[262_144] = 4
        let second = try await writer.write(flat, as: .student)
        #expect(second[0] == first[0] && second[1] != first[1])
        let sent = try await database.query("SELECT digest FROM public.sent")
            .map { try $0.decode("digest", as: [UInt8].self) }
        #expect(sent == (first + second.suffix(1)).map(\.digest))
    }

    @Test("references name the bytes of their range")
    func names() async throws {
        let flat = [Float].anyBits(count: 300_001, seed: 4)
        let writer = WeightWriter(WeightStore(try TemporaryDatabase.current.database()))
        let references = try await writer.write(flat, as: .moment2)
        let expected = [0..<262_144, 262_144..<300_001].map { Digest(of: FloatChunk.bytes(of: flat, in: $0)).bytes }
        #expect(references.map(\.digest) == expected)
        #expect(references.allSatisfy { $0.role == .moment2 })
    }
}
