import Telemetry
import Testing

@Suite struct FaultInjectorTests {
    @Test("every point has a name that parses, with and without a count", arguments: FaultPoint.allCases)
    func parses(point: FaultPoint) {
        #expect(FaultInjector(parsing: point.rawValue) != nil)
        #expect(FaultInjector(parsing: "\(point.rawValue):3") != nil)
    }

    @Test(
        "unknown names and counts below one are refused",
        arguments: ["", "worker", "worker.claimed:0", "worker.claimed:x"]
    )
    func refuses(text: String) {
        #expect(FaultInjector(parsing: text) == nil)
    }

    @Test(
        "damage strikes where and as often as its name says",
        arguments: [
            ("worker.gradient=nan", [true, true, true]), ("worker.gradient=1e30:2", [false, true, false]),
            ("worker.gradient=inf@sample:7", [true, true, true]),
            ("worker.gradient=inf@sample:8", [false, false, false]),
        ]
    )
    func damage(text: String, strikes: [Bool]) throws {
        let faults = try #require(FaultInjector(parsing: text))
        #expect((0..<3).map { _ in faults.gradientFactor(of: [5, 7]) != nil } == strikes)
        #expect(faults.payloadDamage == nil && faults.units(4) == 4)
    }

    @Test("payload and units are damaged as named, and at no point does the process stop")
    func otherDamage() throws {
        let flip = try #require(FaultInjector(parsing: "worker.payload=bitflip:2"))
        #expect([flip.payloadDamage, flip.payloadDamage, flip.payloadDamage] == [nil, .bitflip, nil])
        #expect(try #require(FaultInjector(parsing: "worker.units=-1")).units(4) == -1)
        FaultPoint.allCases.forEach(flip.reach)
        #expect(FaultInjector.none.gradientFactor(of: [1]) == nil)
        #expect(try #require(FaultInjector(parsing: "worker.gradient=1e30")).gradientFactor(of: [1]) == 1e30)
    }

    @Test(
        "damage without a meaning is refused",
        arguments: [
            "worker.gradient=", "worker.gradient=x", "worker.gradient=nan@7", "worker.gradient=nan@sample:-1",
            "worker.gradient=nan:0", "worker.gradient=nan@sample:7:2", "worker.payload=inf",
            "worker.payload=nan@sample:1", "worker.units=many", "worker.claimed=nan", "=", "a=b=c",
        ]
    )
    func refusesDamage(text: String) {
        #expect(FaultInjector(parsing: text) == nil)
    }

    @Test("a point that is not the chosen one passes")
    func passes() {
        // Were the injector to strike, the whole test process would stop here.
        FaultInjector.none.reach(.workerClaimed)
        FaultInjector(point: .workerClaimed, occurrence: 1).reach(.workerSubmitted)
        let second = FaultInjector(point: .workerClaimed, occurrence: 2)
        second.reach(.workerClaimed)
        #expect(second.awaits(.workerClaimed))
        #expect(!second.awaits(.workerSubmitted))
        #expect(!FaultInjector.none.awaits(.workerClaimed))
    }
}
