extension PackageGraph {
    /// A graph for the tests of the rules, in the order written; `TestSupport` lies among the tests.
    init(_ edges: KeyValuePairs<String, [String]>) {
        targets = edges.map { name, dependencies in
            Target(
                name: name,
                dependencies: dependencies.map { Dependency($0) },
                type: .regular,
                path: name == "TestSupport" ? "Tests/TestSupport" : nil
            )
        }
    }
}

extension SourceFile {
    /// A file for the tests of the rules; its path starts below `Sources`, with the target.
    init(_ path: String, _ text: String) {
        self.init(target: String(path.prefix { $0 != "/" }), path: "Sources/\(path)", text: text)
    }
}
