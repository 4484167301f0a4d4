import Postgres

/// Who is behind the bad network.
enum NetworkVictim: String, Sendable {
    case worker
    case aggregator
}

extension FaultScene {
    /// A proxy to this row's server.
    func proxy() throws -> FaultyProxy {
        let host = fleet.database.configuration[option: "host"] ?? ""
        let port = fleet.database.configuration[option: "port"] ?? "5432"
        return try FaultyProxy(to: "\(host)/.s.PGSQL.\(port)")
    }

    /// One of each role, of which the victim goes through the proxy.
    @discardableResult
    func crew(with victim: NetworkVictim, behind proxy: FaultyProxy) throws -> RoleUnderTest {
        try coordinator()
        let worker = try worker(through: victim == .worker ? proxy : nil)
        let aggregator = try aggregator(through: victim == .aggregator ? proxy : nil)
        return victim == .worker ? worker : aggregator
    }
}
