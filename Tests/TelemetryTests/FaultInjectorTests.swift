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
