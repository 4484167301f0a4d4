package import Stores

/// What `doctor` wants to know about the machine it runs on, read once.
package struct Machine: Sendable {
    /// Decides the last bit.
    package var numericProfile: String
    /// Which build of the kernels runs, such as `x86-64-v3`.
    package var kernelLevel: String
    package var coreCount: Int
    /// Cores' worth of time that the container may use; nil without a limit.
    package var coreQuota: Double?
    package var memory: Int
    /// The container's; nil without one.
    package var memoryLimit: Int?
    package var openFileLimit: Int
    /// Variables that steer other libraries' products, with their values.
    package var libraryVariables: [String: String]
    package var cache: Cache

    /// The folder in which workers keep weights.
    package struct Cache: Sendable {
        package var directory: String
        package var isWritable: Bool
        package var space: DiskSpace?

        package init(directory: String, isWritable: Bool, space: DiskSpace?) {
            (self.directory, self.isWritable, self.space) = (directory, isWritable, space)
        }
    }

    package init(
        numericProfile: String,
        kernelLevel: String,
        coreCount: Int,
        coreQuota: Double? = nil,
        memory: Int,
        memoryLimit: Int? = nil,
        openFileLimit: Int,
        libraryVariables: [String: String] = [:],
        cache: Cache
    ) {
        self.numericProfile = numericProfile
        self.kernelLevel = kernelLevel
        self.coreCount = coreCount
        self.coreQuota = coreQuota
        self.memory = memory
        self.memoryLimit = memoryLimit
        self.openFileLimit = openFileLimit
        self.libraryVariables = libraryVariables
        self.cache = cache
    }
}
