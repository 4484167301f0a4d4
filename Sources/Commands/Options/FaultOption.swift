import Telemetry

/// The fault point that the environment names; for tests and drills.
enum FaultOption {
    static func injector() throws -> FaultInjector {
        guard let text = ProcessEnvironment[.faultPoint] else { return .none }
        guard let injector = FaultInjector(parsing: text) else {
            let points = FaultPoint.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(
                .usage,
                """
                STILLHOUSE_FAULT_POINT is \(text); it must be one of \(points), with :N for the N-th time, or damage such as \
                worker.gradient=nan@sample:7, worker.payload=bitflip or worker.units=-1.
                """
            )
        }
        return injector
    }
}
