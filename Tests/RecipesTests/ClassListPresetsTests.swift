import Configs
import Datasets
import Foundation
import Recipes
import TestSupport
import Testing

@Suite("shipped class lists")
struct ClassListPresetsTests {
    @Test(
        "each has its classes in the standard order, its unseen classes and its digest",
        arguments: [
            ("voc-20", 20, [15, 16, 17, 18, 19], "74fd991128a0ae7d9cbafdb86adf7c398dd6d9ea0695b089596f168771100fb8"),
            (
                "coco-stuff-171", 171, [19, 23, 28, 29, 36, 51, 76, 88, 94, 112, 133, 136, 137, 157, 160],
                "6041f398c6c894c5836a31900e41b99b8d46598c56dfeb8cafd860d66e09cd6b"
            ),
            (
                "pascal-context-59", 59, [0, 6, 7, 14, 19, 24, 31, 33, 48, 54],
                "951917cb6f8536d73b8eadadd467085955d130bd060fcd84cee60b21e723faab"
            ),
            (
                "pascal-context-60", 60, [1, 7, 8, 15, 20, 25, 32, 34, 49, 55],
                "77c676b39200b0149088d38362b383c0be324dabe8a4c331766dc5173a2fd7bf"
            ),
            ("ade20k-150", 150, [], "e1f882324e2b28eb3bf89be7c8e1c97b00f7d7f8b0e5a4bf758fd92def1ea8e4"),
        ]
    )
    func shipped(name: String, count: Int, unseen: [Int], digest: String) throws {
        let list = try ClassList.named(name)
        #expect(list.count == count && list.unseen == unseen && list.digestText == digest)
    }

    @Test("the unseen classes are those of the protocol, by name")
    func unseenNames() throws {
        func unseen(_ name: String) throws -> [String] {
            let list = try ClassList.named(name)
            return list.unseen.map { list.names[$0] }
        }
        let voc = ["pottedplant", "sheep", "sofa", "train", "tvmonitor"]
        #expect(try unseen("voc-20") == voc.map(ClassName.spoken))
        let stuff = [
            "cow", "giraffe", "suitcase", "frisbee", "skateboard", "carrot", "scissors", "cardboard", "clouds", "grass",
            "playingfield", "river", "road", "tree", "wall-concrete",
        ]
        #expect(try unseen("coco-stuff-171") == stuff.map(ClassName.spoken))
        let context = [
            "aeroplane", "bird", "boat", "cat", "cow", "fence", "keyboard", "motorbike", "sofa", "tvmonitor",
        ]
        #expect(try unseen("pascal-context-59") == context.map(ClassName.spoken))
        #expect(try unseen("pascal-context-60") == context.map(ClassName.spoken))
    }

    @Test("the names of COCO-Stuff follow from those of the data set")
    func cocoStuff() throws {
        let path = TestFile.path("RecipesTests/Fixtures/coco-stuff-names.txt")
        let names = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(try ClassList.named("coco-stuff-171").names == names.map(ClassName.spoken))
    }

    @Test("the embedded lists are the files of the folder, byte for byte")
    func embedded() throws {
        let folder = URL(filePath: TestFile.path("../Configs/classes"))
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(Set(Presets.classLists.keys) == Set(files.map { $0.deletingPathExtension().lastPathComponent }))
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(Presets.classLists[file.deletingPathExtension().lastPathComponent] == text)
        }
    }

    @Test("a name that is neither shipped nor a file is refused with the shipped ones")
    func unknown() {
        let shipped = "ade20k-150, coco-stuff-171, pascal-context-59, pascal-context-60, voc-20"
        let cause = "no such file or shipped class list (\(shipped))"
        #expect(throws: DatasetError.unreadableFile(path: "voc-21", cause: cause)) { try ClassList.named("voc-21") }
    }
}
