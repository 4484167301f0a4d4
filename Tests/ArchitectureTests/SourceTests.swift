import Testing

@Suite("The sources")
struct SourceTests {
    @Test("import only what the manifest leads to, and foreign things only in their owner")
    func imports() async throws {
        let graph = try await PackageGraph.current
        let files = try SourceFile.all(of: graph)
        #expect(SourceRules.undeclaredImports(in: files, graph: graph) == [])
        #expect(SourceRules.strangers(in: files) == [])
    }

    @Test("read the environment in Commands only")
    func environment() async throws {
        #expect(try await SourceRules.environmentReads(in: SourceFile.all(of: .current)) == [])
    }

    @Test("hold SQL in Stores, Migrations and the migrator only")
    func statements() async throws {
        #expect(try await SourceRules.statements(in: SourceFile.all(of: .current)) == [])
    }

    @Test("end the process nowhere")
    func sudden() async throws {
        #expect(try await SourceRules.sudden(in: SourceFile.all(of: .current)) == [])
    }

    @Test("bear names that say something, and the name of what they declare")
    func names() async throws {
        let files = try await SourceFile.all(of: .current)
        #expect(SourceRules.emptyNames(in: files) == [])
        #expect(SourceRules.misnamed(in: files) == [])
    }

    @Test("an import that the manifest does not lead to is noticed")
    func undeclared() {
        let graph = PackageGraph(["Tensors": [], "Layers": ["Tensors"], "Models": ["Layers"], "Stores": []])
        let files = [
            SourceFile("Models/CLIP.swift", "package import Tensors\nimport Foundation\nimport Layers"),
            SourceFile("Models/Sneaky.swift", "@preconcurrency package import struct Stores.JobStore"),
        ]
        #expect(
            SourceRules.undeclaredImports(in: files, graph: graph)
                == ["Sources/Models/Sneaky.swift imports Stores, which Models does not depend on"]
        )
    }

    @Test("an import of a foreign thing outside its owner is noticed", arguments: DependencyRules.owners.keys.sorted())
    func stranger(module: String) throws {
        let owner = try #require(DependencyRules.owners[module])
        let files = [
            SourceFile("\(owner)/Fine.swift", "internal import \(module)"),
            SourceFile("Stores/Sneaky.swift", "internal import \(module)"),
        ]
        #expect(
            SourceRules.strangers(in: files)
                == ["Sources/Stores/Sneaky.swift imports \(module), which belongs to \(owner)"]
        )
    }

    @Test(
        "an environment read outside Commands is noticed",
        arguments: ["let home = ProcessInfo.processInfo.environment[\"HOME\"]", "char *home = getenv(\"HOME\");"]
    )
    func environmentRead(line: String) {
        let files = [SourceFile("Commands/Fine.swift", line), SourceFile("Postgres/Sneaky.swift", "\n" + line)]
        #expect(SourceRules.environmentReads(in: files) == ["Sources/Postgres/Sneaky.swift:2 reads the environment"])
    }

    @Test("a child's environment may be set anywhere, and comments may speak of it")
    func environmentTalk() {
        let file = SourceFile("Postgres/Server.swift", "process.environment = [:]  // getenv(3) sees this")
        #expect(SourceRules.environmentReads(in: [file]) == [])
    }

    @Test(
        "a statement outside its home is noticed",
        arguments: [
            "\"SELECT 1\"", "    SELECT job_id", "INSERT INTO job (run_id)", "\"UPDATE job SET state = 'dead'\"",
            "    UPDATE stillhouse.job", "DELETE FROM job", "\"TRUNCATE gradient_chunk\"", "CREATE TABLE job (",
            "\"DROP DATABASE \\(name)\"", "\"ALTER SYSTEM SET fsync = off\"",
        ]
    )
    func statement(line: String) {
        let files = [
            SourceFile("Stores/JobStore.swift", line),
            SourceFile("Postgres/Migrator.swift", line),
            SourceFile("WorkerRole/Sneaky.swift", line),
        ]
        #expect(SourceRules.statements(in: files) == ["Sources/WorkerRole/Sneaky.swift:1 holds SQL"])
    }

    @Test(
        "words that merely look like statements pass",
        arguments: [
            "request.httpMethod = \"DELETE\"", "/// UPDATE job SET …", "try await select(from: list)", "\"BEGIN\"",
        ]
    )
    func innocent(line: String) {
        #expect(SourceRules.statements(in: [SourceFile("Images/Fine.swift", line)]) == [])
    }

    @Test(
        "an abrupt end is noticed",
        arguments: ["fatalError(\"no\")", "let x = try! load()", "let x = y as! Int"]
    )
    func abrupt(line: String) {
        #expect(
            SourceRules.sudden(in: [SourceFile("Images/Sneaky.swift", line)])
                == ["Sources/Images/Sneaky.swift:1 ends the process"]
        )
    }

    @Test(
        "a name that says nothing is noticed",
        arguments: [
            "Images/ImageUtils.swift", "Images/Helpers/Crop.swift", "Stores/JobManager.swift", "Stores/New/Job.swift",
        ]
    )
    func emptyName(path: String) {
        #expect(SourceRules.emptyNames(in: [SourceFile(path, "")]) == ["Sources/\(path) has a name that says nothing"])
    }

    @Test(
        "a word that only begins like one of those passes",
        arguments: ["Layers/Commonality.swift", "Models/Newton.swift"]
    )
    func fullName(path: String) {
        #expect(SourceRules.emptyNames(in: [SourceFile(path, "")]) == [])
    }

    @Test("a file named for nothing in it is noticed")
    func misnamed() {
        let files = [
            SourceFile("Images/Image.swift", "package struct Image {}"),
            SourceFile("Images/Image+Crop.swift", "extension Image {}"),
            SourceFile("Recipes/ParameterRule.swift", "extension Recipe.ParameterRule {}"),
            SourceFile("Tensors/Operations/GELU.swift", "extension Tensor {}"),
            SourceFile("Images/Whole.swift", "extension Image {\n    struct Part {}\n}"),
            SourceFile("Images/Sneaky.swift", "package struct Image {}"),
            SourceFile("Images/Sneaky+Crop.swift", "extension Image {}"),
        ]
        #expect(
            SourceRules.misnamed(in: files) == [
                "Sources/Images/Sneaky.swift is named for no type in it",
                "Sources/Images/Sneaky+Crop.swift is named for no type in it",
            ]
        )
    }
}
