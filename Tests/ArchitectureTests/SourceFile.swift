import Foundation

/// One file of a target, and the few facts that the rules ask of it.
struct SourceFile: Sendable {
    /// The target it belongs to.
    var target: String
    /// From the package's folder, with `/`.
    var path: String
    var text: String

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// The lines that hold one of some words outside of comments, with their numbers from 1. A `//` after a colon is
    /// part of an address.
    func code(with words: Set<Substring>) -> [(number: Int, text: Substring)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard line.split(whereSeparator: { !$0.isLetter }).contains(where: words.contains) else { return nil }
            return (index + 1, line.replacing(/(^|[^:])\/\/.*$/) { $0.output.1 })
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
