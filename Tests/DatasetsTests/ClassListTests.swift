import Datasets
import Testing

@Suite("ClassList")
struct ClassListTests {
    private func list(_ text: String) throws -> ClassList { try ClassList(text: text, source: "list") }

    private func cause(_ text: String) -> String? {
        do {
            _ = try list(text)
            return nil
        } catch {
            guard case DatasetError.invalidClassList(source: "list", let cause) = error else { return "\(error)" }
            return cause
        }
    }

    @Test("names, synonyms, marks and comments are read")
    func reading() throws {
        let list = try list(
            """
            # two animals
              Dog ; Puppy;  small_dog

            TV_Monitor|unseen
            traffic   light | UNSEEN\r
            # the end
            """
        )
        #expect(list.names == ["dog", "tv monitor", "traffic light"])
        #expect(list.entries[0].synonyms == ["dog", "puppy", "small dog"])
        #expect(list.seen == [0] && list.unseen == [1, 2] && list.count == 3)
        #expect(list.id(of: "PUPPY") == 0 && list.id(of: "tv_monitor") == 1 && list.id(of: "cat") == nil)
    }

    @Test("the canonical text reads back as the same list, and comments do not change the digest")
    func canonical() throws {
        let list = try list("dog; puppy\ncat | unseen\n")
        #expect(list.text == "dog;puppy\ncat | unseen\n")
        #expect(try ClassList(text: list.text, source: "again") == list)
        #expect(try self.list("# a\nDOG;puppy\n\ncat|unseen").digest == list.digest)
        // sha256 of the text, by another program
        #expect(list.digestText == "41f1e4e5b5a00697f48d51be678fb93f2b8bcd2aefc6a0d8902782d0266d20e1")
    }

    @Test("the digest changes with names, their order, synonyms and marks")
    func sensitivity() throws {
        let texts = [
            "a\nb", "b\na", "a\nc", "a;c\nb", "a\nb|unseen", "a|unseen\nb", "a\nb\nc", "a;b", "a;c;d\nb", "a;d;c\nb",
        ]
        let digests = try texts.map { try list($0).digest }
        #expect(Set(digests).count == texts.count)
    }

    @Test(
        "what is no list of classes is refused with the line",
        arguments: [
            ("", "it names no class"), ("# only\n\n", "it names no class"), ("a\n;b", "line 2: a name is empty"),
            ("a\n | unseen", "line 2: a name is empty"), ("a;", "line 1: a name is empty"),
            ("a;__", "line 1: a name is empty"),
            ("a\nb\n A ", "\"a\" stands in line 1 and in line 3"), ("a;b;a", "\"a\" stands twice in line 1"),
            ("a;x\nb;X", "\"x\" stands in line 1 and in line 2"),
            ("a | seen", "line 1: behind | stands nothing but unseen"),
            ("a|unseen|unseen", "line 1: behind | stands nothing but unseen"),
            ("a|", "line 1: behind | stands nothing but unseen"), ("a\u{0}b", "line 1: a name has a control character"),
            ("a;\u{301}b", "line 1: a name begins or ends within a character"),
        ]
    )
    func refused(text: String, expected: String) {
        #expect(cause(text) == expected)
    }

    @Test("254 classes are the most that a label can tell apart")
    func tooMany() throws {
        let names = (0..<255).map { "class \($0)" }
        #expect(try list(names.dropLast().joined(separator: "\n")).count == 254)
        #expect(cause(names.joined(separator: "\n")) == "255 classes; a label can tell 254 apart")
    }

    @Test("names of a command line are checked alike, by their number")
    func names() throws {
        #expect(try ClassList(names: [" Cat", "dog;puppy"], source: "--classes").names == ["cat", "dog"])
        let cause = "name 2: a name is empty"
        #expect(throws: DatasetError.invalidClassList(source: "--classes", cause: cause)) {
            try ClassList(names: ["cat", " "], source: "--classes")
        }
    }

    @Test("classes are marked unseen by name, and others are no longer")
    func marking() throws {
        let list = try list("dog;puppy\ncat|unseen\nowl")
        let marked = try list.marking(unseen: ["Puppy", "owl"], source: "recipe")
        #expect(marked.unseen == [0, 2] && marked.names == list.names && marked.digest != list.digest)
        let cause = "no class is called \"fox\", which is to be unseen"
        #expect(throws: DatasetError.invalidClassList(source: "recipe", cause: cause)) {
            try list.marking(unseen: ["fox"], source: "recipe")
        }
    }

    @Test("a file is read, and refused where it is no text")
    func file() throws {
        let folder = try TemporaryFolder()
        try folder.write("dog\ncat | unseen", to: "classes.txt")
        #expect(try ClassList(contentsOf: folder.path + "/classes.txt").unseen == [1])
        try folder.write([0x64, 0xFF, 0x0A], to: "classes.txt")
        let cause = "it is not UTF-8 text"
        #expect(throws: DatasetError.invalidClassList(source: folder.path + "/classes.txt", cause: cause)) {
            try ClassList(contentsOf: folder.path + "/classes.txt")
        }
    }

    @Test(
        "dataset names are said as MaskCLIP says them",
        arguments: [
            ("aeroplane", "airplane"), ("diningtable", "dining table"), ("pottedplant", "potted plant"),
            ("tvmonitor", "tv monitor"), ("ceiling-other", "ceiling"), ("mirror-stuff", "mirror"),
            ("wall-concrete", "concrete wall"), ("window-blind", "blind window"), ("floor-other-merged", "floor"),
            ("tree-merged", "tree"), ("Traffic_Light", "traffic light"), ("playingfield", "playingfield"),
            ("-other", "other"), ("", ""),
        ]
    )
    func spoken(name: String, expected: String) {
        #expect(ClassName.spoken(name) == expected)
    }
}
