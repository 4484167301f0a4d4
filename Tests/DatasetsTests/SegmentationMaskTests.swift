import Datasets
import Foundation
import Testing

@Suite("SegmentationMask")
struct SegmentationMaskTests {
    /// Written by Fixtures/make_mask_fixtures.py.
    private struct Case: Decodable {
        let width: Int
        let height: Int
        let polygons: [[Double]]
        let packed: String
        let runs: [Int64]
        let rows: [String]
    }

    private func cases() throws -> [Case] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/masks.json")
        return try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
    }

    private func rows(_ mask: SegmentationMask) -> [String] {
        (0..<mask.height).map { y in (0..<mask.width).map { x in mask[x, y] ? "1" : "0" }.joined() }
    }

    @Test("polygons, runs and packed runs give pycocotools' masks pixel for pixel")
    func pycocotools() throws {
        let cases = try cases()
        #expect(cases.count == 24)
        for (number, fixture) in cases.enumerated() {
            let (width, height) = (fixture.width, fixture.height)
            let spellings: [Segmentation] = [
                .polygons(fixture.polygons),
                .runs(fixture.runs, width: Int64(width), height: Int64(height)),
                .packedRuns(fixture.packed, width: Int64(width), height: Int64(height)),
            ]
            for spelling in spellings {
                let mask = try SegmentationMask(spelling, width: width, height: height)
                #expect(rows(mask) == fixture.rows, "case \(number), \(spelling)")
                #expect(mask.area == fixture.rows.joined().count { $0 == "1" })
            }
        }
    }

    @Test(
        "outlines that make no mask are errors",
        arguments: [
            .malformed("x"), .polygons([[0, 0, 1, 1]]), .polygons([[0, 0, 1, 1, 2]]),
            .polygons([[0, 0, 1, .nan, 2, 2]]),
            .polygons([[0, 0, 1e9, 0, 2, 2]]), .runs([5, 7], width: 4, height: 4), .runs([5, 12], width: 4, height: 4),
            .runs([-1, 17], width: 4, height: 4), .runs([16], width: 3, height: 4),
            .packedRuns("\u{7F}", width: 4, height: 4),
            .packedRuns("PPPPPPPPPPPPPPPPPPPPPPPPP", width: 4, height: 4), .packedRuns("P", width: 4, height: 4),
        ] as [Segmentation]
    )
    func malformed(segmentation: Segmentation) {
        #expect(throws: SegmentationError.self) { try SegmentationMask(segmentation, width: 4, height: 4) }
    }

    @Test("an annotation file hands its outlines over when asked")
    func annotationFile() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            {"images": [], "categories": [{"id": 1, "name": "cat"}, {"id": 2}], "annotations": [
                {"segmentation": [[0, 0, 4, 0, 4, 4]]}, {"segmentation": {"size": [4, 5], "counts": [20]}},
                {"segmentation": {"counts": "d0", "size": [4, 5]}}, {"segmentation": {"counts": []}}, {"segmentation": "x"},
                {"segmentation": {"size": [4, 5], "counts": [1.5]}}, {"segmentation": [["x"]]}, {}]}
            """,
            to: "a.json"
        )
        let content = try COCOAnnotations.read(folder.path + "/a.json", includesSegmentations: true)
        #expect(content.categories.map(\.id) == [1] && content.categories.map(\.name) == ["cat"])
        let found = content.annotations.map(\.segmentation)
        #expect(found[0] == .polygons([[0, 0, 4, 0, 4, 4]]))
        #expect(found[1] == .runs([20], width: 5, height: 4))
        #expect(found[2] == .packedRuns("d0", width: 5, height: 4))
        for index in 3...6 {
            guard case .malformed = found[index] else {
                Issue.record("\(index): \(String(describing: found[index]))")
                continue
            }
        }
        #expect(found[7] == nil)
        #expect(try COCOAnnotations.read(folder.path + "/a.json").annotations.allSatisfy { $0.segmentation == nil })
    }

    @Test("an outline that jumps from end to end of the plane is refused instead of walked", .timeLimit(.minutes(1)))
    func endlessOutline() {
        var corners: [Double] = []
        for number in 0..<100_000 { corners += [number % 2 == 0 ? -99_999 : 99_999, Double(number % 7)] }
        let error = #expect(throws: SegmentationError.self) {
            try SegmentationMask(.polygons([corners]), width: 8, height: 8)
        }
        #expect(error?.cause == "the outline is endlessly long")
    }
}
