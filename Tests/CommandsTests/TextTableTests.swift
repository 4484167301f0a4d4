import Commands
import Testing

@Suite("Text tables")
struct TextTableTests {
    @Test("numbers stand to the right, and lines have no trailing blanks")
    func alignment() {
        var table = TextTable([("name", .left), ("steps", .right), ("reason", .left)])
        table.append(["a", "1,000,000", ""])
        table.append(["longer", "2", "why"])
        #expect(
            table.text == """
                name        steps  reason
                a       1,000,000
                longer          2  why
                """
        )
    }

    @Test("a table without rows is its header")
    func empty() {
        #expect(TextTable([("name", .left), ("n", .right)]).text == "name  n")
    }
}
