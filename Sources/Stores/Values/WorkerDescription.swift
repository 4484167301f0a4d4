/// What a worker says about itself when it joins.
package struct WorkerDescription: Hashable, Sendable {
    package var host: String
    /// Such as `cpu`.
    package var device: String
    /// Version of this build.
    package var build: String
    /// Backend and kernel level: equal weights are promised among equal profiles.
    package var numericProfile: String

    package init(host: String, device: String, build: String, numericProfile: String) {
        (self.host, self.device, self.build, self.numericProfile) = (host, device, build, numericProfile)
    }
}
