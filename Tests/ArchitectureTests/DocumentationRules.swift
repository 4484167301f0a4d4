import Foundation

/// What prose promises about files. Every rule answers with one sentence for each violation.
enum DocumentationRules {
    /// Links to files, `[text](Deploy/samples/README.md)`, relative to the page; web addresses are left alone.
    static func brokenLinks(in page: String, at path: String, exists: (String) -> Bool) -> [String] {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        return page.matches(of: /\]\(([^)#]+)[^)]*\)/).map { String($0.output.1) }
            .filter { !$0.contains("://") && !exists(folder.isEmpty ? $0 : "\(folder)/\($0)") }
            .map { "\(path) links to \($0), which does not exist" }
    }

    /// Paths in code font, `Sources/Tensors/Backend.swift`, from the package's folder; patterns are left alone.
    static func brokenPaths(in page: String, at path: String, exists: (String) -> Bool) -> [String] {
        page.matches(of: /`((?:Sources|Tests|Configs|Migrations|Deploy)\/[\w.+\-\/]*)`/).map { String($0.output.1) }
            .filter { !$0.contains("NNNN") && !exists($0) }
            .map { "\(path) speaks of \($0), which does not exist" }
    }
}
