import Foundation

/// One file of a target, and the few facts that the rules ask of it.
struct SourceFile: Sendable {
    /// The target it belongs to.
    var target: String
    /// From the package's folder, with `/`.
    var path: String
    var text: String

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// Lines with their numbers from 1, comments taken out. A `//` after a colon is part of an address.
    var code: [(number: Int, text: Substring)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            (index + 1, line.contains("//") ? line.replacing(/(^|[^:])\/\/.*$/) { $0.output.1 } : line)
        }
    }

    /// The modules named by `import` lines, whatever their access level.
    var imports: [String] {
        text.matches(of: importLine).map { String($0.output.1) }
    }

    /// `Sources/Tensors/Shape.swift:12`, as compilers print it.
    func place(_ line: Int) -> String { "\(path):\(line)" }

    /// The Swift and C files of all targets that are not for tests alone.
    static func all(of graph: PackageGraph, in folder: URL = PackageGraph.folder) throws -> [SourceFile] {
        try graph.targets.filter { !$0.isForTests }.flatMap { try files(of: $0, in: folder) }
    }

    private static func files(of target: PackageGraph.Target, in folder: URL) throws -> [SourceFile] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.appending(path: target.folder).path)
            .filter { path in [".swift", ".c", ".h"].contains { path.hasSuffix($0) } }
            .sorted()
            .map { "\(target.folder)/\($0)" }
            .map { path in
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                return SourceFile(target: target.name, path: path, text: text)
            }
    }
}

/// `package import struct Foundation.URL` names Foundation.
private nonisolated(unsafe) let importLine =
    /^(?:@\w+ +)*(?:(?:public|package|internal|fileprivate|private) +)?import +(?:(?:struct|class|enum|protocol|func|var|let|typealias) +)?(\w+)/
    .anchorsMatchLineEndings()
