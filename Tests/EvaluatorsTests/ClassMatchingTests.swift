import Evaluators
import Testing

@Suite("Labels and classes")
struct ClassMatchingTests {
    @Test("a label is the class of its name; underscores may stand for spaces, on either side")
    func spaces() throws {
        let found = try ClassMatching.classes(
            of: ["cat", "fire_engine", "sea lion"],
            among: ["sea_lion", "cat", "fire engine"]
        )
        #expect(found == ["cat": 1, "fire_engine": 2, "sea lion": 0])
    }

    @Test("the very name goes before one with spaces, and one that could be two is none")
    func ambiguous() throws {
        let found = try ClassMatching.classes(of: ["a_b", "a b"], among: ["a b", "a_b"])
        #expect(found == ["a_b": 1, "a b": 0])
        #expect(throws: EvaluatorsError.self) {
            try ClassMatching.classes(of: ["x_y z"], among: ["x y_z", "x y z"])
        }
    }

    @Test("what has no partner is named on both sides, with what it may have been meant to be")
    func strangers() throws {
        let error = try #require(throws: EvaluatorsError.self) {
            try ClassMatching.classes(
                of: ["cat", "dgo"],
                among: ["cat", "dog", "emu"],
                nearest: { word, candidates in
                    candidates.first { Set($0) == Set(word) }
                }
            )
        }
        #expect(
            error
                == .unmatchedClasses(
                    labels: [.init(name: "dgo", nearest: "dog")],
                    classes: [.init(name: "dog", nearest: "dgo"), .init(name: "emu")]
                )
        )
        #expect("\(error)".contains("without an embedding: dgo (meant: dog?)."))
        #expect("\(error)".contains("without a picture: dog (meant: dgo?), emu."))
    }

    @Test("classes without pictures can be allowed, labels without an embedding cannot")
    func absent() throws {
        #expect(try ClassMatching.classes(of: ["cat"], among: ["dog", "cat"], allowsAbsent: true) == ["cat": 1])
        let error = try #require(throws: EvaluatorsError.self) {
            try ClassMatching.classes(of: ["cat", "cow"], among: ["dog", "cat"], allowsAbsent: true)
        }
        #expect(error == .unmatchedClasses(labels: [.init(name: "cow")], classes: []))
    }
}
