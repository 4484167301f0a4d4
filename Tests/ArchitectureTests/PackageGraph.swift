import Foundation

/// The targets of a package and what they depend on, as `swift package dump-package` prints them.
struct PackageGraph: Decodable, Sendable {
    var targets: [Target]

    struct Target: Decodable, Sendable {
        var name: String
        var dependencies: [Dependency]
        var type: Kind
        var path: String?

        /// The folder of the target's files, relative to the package.
        var folder: String { path ?? (type == .test ? "Tests/\(name)" : "Sources/\(name)") }

        /// Test targets and what only they use; they may look anywhere.
        var isForTests: Bool { folder.hasPrefix("Tests/") }
    }

    enum Kind: String, Decodable { case system, regular, executable, test }

    /// One edge, by the name of the target or of the product it leads to.
    struct Dependency: Decodable, Sendable {
        var name: String

        private enum CodingKeys: String, CodingKey { case byName, product, target }

        init(_ name: String) {
            self.name = name
        }

        /// Reads `{"byName": ["Tensors", null]}`; products and targets look the same but for the key.
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let key = container.allKeys.first ?? .byName
            var list = try container.nestedUnkeyedContainer(forKey: key)
            name = try list.decode(String.self)
        }
    }

    subscript(name: String) -> Target? { targets.first { $0.name == name } }

    /// Everything that a target's dependencies lead to, products of other packages included.
    func reachable(from target: Target) -> Set<String> {
        var reached: Set<String> = []
        var waiting = target.dependencies.map(\.name)
        while let name = waiting.popLast() {
            guard reached.insert(name).inserted else { continue }
            waiting += self[name]?.dependencies.map(\.name) ?? []
        }
        return reached
    }
}
