import Testing

@Suite("The manifest")
struct DependencyTests {
    @Test("keeps its layers")
    func layers() async throws {
        let graph = try await PackageGraph.current
        #expect(DependencyRules.upwardDependencies(in: graph) == [])
        #expect(DependencyRules.forwardReferences(in: graph) == [])
    }

    @Test("keeps roles apart")
    func roles() async throws {
        #expect(try await DependencyRules.rolesReachingRoles(in: .current) == [])
    }

    @Test("gives every foreign thing one owner")
    func owners() async throws {
        #expect(try await DependencyRules.strangers(in: .current) == [])
    }

    @Test("a dependency on a higher layer is noticed")
    func upward() {
        let graph = PackageGraph(["Stores": ["WorkerRole"], "WorkerRole": []])
        #expect(
            DependencyRules.upwardDependencies(in: graph) == ["Stores (layer 4) depends on WorkerRole (layer 5)"]
        )
    }

    @Test("a target without a layer is noticed")
    func unknown() {
        #expect(DependencyRules.upwardDependencies(in: PackageGraph(["Gadgets": []])) == ["Gadgets has no layer"])
    }

    @Test("a target above its dependency is noticed")
    func order() {
        let graph = PackageGraph(["Layers": ["Tensors"], "Tensors": []])
        #expect(DependencyRules.forwardReferences(in: graph) == ["Layers stands above its dependency Tensors"])
    }

    @Test("a role that reaches another through a third target is noticed")
    func detour() {
        let graph = PackageGraph(["WorkerRole": [], "Detour": ["WorkerRole"], "MonitorRole": ["Detour"]])
        #expect(DependencyRules.rolesReachingRoles(in: graph) == ["MonitorRole reaches WorkerRole"])
    }

    @Test("a second user of a foreign thing is noticed")
    func stranger() {
        let graph = PackageGraph(["Postgres": ["CLibPQ"], "Stores": ["CLibPQ"], "TestSupport": ["CLibPQ"]])
        #expect(DependencyRules.strangers(in: graph) == ["Stores depends on CLibPQ, which belongs to Postgres"])
    }
}
