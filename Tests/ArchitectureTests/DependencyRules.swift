/// Who may depend on whom. Every rule takes a graph and answers with one sentence for each violation.
enum DependencyRules {
    /// The layers of the manifest, lowest first. A target without a layer is a violation: give it one here.
    static let layers: [[String]] = [
        ["COpenBLAS", "CLibPQ", "CJPEG", "CPNG"],
        ["CKernels", "CCodecs", "CVocabulary"],
        ["Tensors", "Layers", "Optimizers", "Checkpoints"],
        ["Models", "Images", "Datasets", "Objectives", "Evaluators", "Configs", "Recipes"],
        ["Postgres", "Migrations", "Stores", "Transfers", "Telemetry"],
        ["CoordinatorRole", "WorkerRole", "AggregatorRole", "MonitorRole"],
        ["Commands", "stillhouse"],
    ]

    /// Foreign things, each with the one target that sees it.
    static let owners: [String: String] = [
        "COpenBLAS": "Tensors",
        "CKernels": "Tensors",
        "CJPEG": "CCodecs",
        "CPNG": "CCodecs",
        "CCodecs": "Images",
        "CVocabulary": "Models",
        "CLibPQ": "Postgres",
        "Yams": "Recipes",
        "Hummingbird": "MonitorRole",
        "Mustache": "MonitorRole",
        "ArgumentParser": "Commands",
        "Configuration": "Commands",
    ]

    static func layer(of name: String) -> Int? { layers.firstIndex { $0.contains(name) } }

    /// Dependencies point down or stay within their layer, and every target has one.
    static func upwardDependencies(in graph: PackageGraph) -> [String] {
        graph.targets.filter { !$0.isForTests }.flatMap { target -> [String] in
            guard let layer = layer(of: target.name) else { return ["\(target.name) has no layer"] }
            return target.dependencies.map(\.name).compactMap { name in
                guard graph[name] != nil, let other = Self.layer(of: name), other > layer else { return nil }
                return "\(target.name) (layer \(layer)) depends on \(name) (layer \(other))"
            }
        }
    }

    /// The manifest reads top to bottom: what a target depends on stands above it.
    static func forwardReferences(in graph: PackageGraph) -> [String] {
        let names = graph.targets.map(\.name)
        return graph.targets.enumerated().flatMap { position, target in
            target.dependencies.map(\.name).filter { names[position...].contains($0) }
                .map { "\(target.name) stands above its dependency \($0)" }
        }
    }

    /// Roles meet in the database only, so none reaches another, not even through a third target.
    static func rolesReachingRoles(in graph: PackageGraph) -> [String] {
        graph.targets.filter { $0.name.hasSuffix("Role") }.flatMap { role in
            graph.reachable(from: role).filter { $0.hasSuffix("Role") }.sorted()
                .map { "\(role.name) reaches \($0)" }
        }
    }

    /// A foreign thing has one owner; the rest of the system speaks to the owner.
    static func strangers(in graph: PackageGraph) -> [String] {
        graph.targets.filter { !$0.isForTests }.flatMap { target in
            target.dependencies.map(\.name).compactMap { name in
                guard let owner = owners[name], owner != target.name else { return nil }
                return "\(target.name) depends on \(name), which belongs to \(owner)"
            }
        }
    }
}
