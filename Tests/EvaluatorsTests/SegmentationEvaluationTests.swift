import Datasets
import Evaluators
import Foundation
import Testing

@Suite("SegmentationEvaluation")
struct SegmentationEvaluationTests {
    private func evaluation(_ list: String = "cat\ndog \"the\" dog\nowl | unseen\nfox | unseen") throws
        -> SegmentationEvaluation
    {
        var matrix = ConfusionMatrix(classCount: 4)
        let pairs: [(UInt8, UInt8, Int)] = [
            (0, 0, 8), (0, 1, 1), (0, 2, 1), (1, 0, 2), (1, 1, 6), (1, 2, 2), (2, 1, 3), (2, 2, 7), (255, 2, 5),
        ]
        let truth = pairs.flatMap { [UInt8](repeating: $0.0, count: $0.2) }
        let predicted = pairs.flatMap { [UInt8](repeating: $0.1, count: $0.2) }
        matrix.add(
            truth: LabelMap(width: truth.count, height: 1, values: truth),
            predicted: LabelMap(width: truth.count, height: 1, values: predicted)
        )
        let classes = try ClassList(text: list, source: "test")
        return SegmentationEvaluation(matrix, classes: classes, images: 2, badImages: ["x.jpg"])
    }

    @Test("the table gives percent with two decimals, marks the unseen and leaves the undefined open")
    func table() throws {
        let evaluation = try evaluation()
        #expect(
            evaluation.table == """
                id  class                  truth px  predicted px    IoU  recall
                 0  cat                          10            10  66.67   80.00
                 1  dog "the" dog                10            10  42.86   60.00
                 2  owl            unseen        10            10  53.85   70.00
                 3  fox            unseen         0             0      –       –

                mIoU, seen (S)          54.76
                mIoU, unseen (U)        53.85
                hIoU                    54.30
                mIoU                    54.46
                mIoU, classes present   54.46
                pixel accuracy          70.00

                2 pictures, 1 unusable, list of classes \(evaluation.classListDigest)
                """
        )
    }

    @Test("without unseen classes there is nothing to split")
    func unsplit() throws {
        let evaluation = try evaluation("cat\ndog\nowl\nfox")
        #expect(evaluation.harmonicIoU == nil && evaluation.unseenIoU == nil)
        #expect(!evaluation.table.contains("hIoU") && evaluation.table.contains("mIoU                    54.46"))
    }

    @Test("JSON keeps every digit, the matrix and the digest of the class list, and comes back equal")
    func json() throws {
        let evaluation = try evaluation()
        let data = try JSONEncoder().encode(evaluation)
        #expect(try JSONDecoder().decode(SegmentationEvaluation.self, from: data) == evaluation)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["harmonic_iou"] as? Double == evaluation.harmonicIoU)
        #expect(object["class_list_digest"] as? String == evaluation.classListDigest)
        let confusion = try #require(object["confusion"] as? [String: Any])
        #expect(confusion["counts"] as? [[Int]] == [[8, 1, 1, 0], [2, 6, 2, 0], [0, 3, 7, 0], [0, 0, 0, 0]])
        let classes = try #require(object["classes"] as? [[String: Any]])
        #expect(classes[3]["iou"] == nil && classes[3]["unseen"] as? Bool == true)
    }

    @Test("CSV has a record a class, quoted, and nothing for what is undefined")
    func csv() throws {
        let lines = try evaluation().csv.split(separator: "\n")
        #expect(lines.count == 5 && lines[0] == "id,class,split,truth_pixels,predicted_pixels,iou,recall")
        #expect(lines[2] == #"1,"dog ""the"" dog",seen,10,10,0.42857142857142855,0.6"#)
        #expect(lines[4] == #"3,"fox",unseen,0,0,,"#)
    }
}
