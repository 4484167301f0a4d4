package import Stores

/// Whether a worker started here could keep weights between starts.
package struct CacheCheck: Check {
    package let subject = "cache"
    private let cache: Machine.Cache

    package init(_ cache: Machine.Cache) { self.cache = cache }

    package func findings() async throws -> [Finding] {
        guard cache.isWritable else {
            return [
                Finding(
                    .error,
                    subject,
                    "\(cache.directory) cannot be written",
                    because: "a worker refuses to start without its cache",
                    mend: "Set STILLHOUSE_CACHE to a folder of this user's, or: stillhouse worker start --cache-size 0"
                )
            ]
        }
        guard let space = cache.space else { return [.ok(subject, cache.directory)] }
        let found = "\(cache.directory), \(Units.bytes(space.free)) free"
        guard space.free < 5_000_000_000 else { return [.ok(subject, found)] }
        return [
            Finding(
                .warning,
                subject,
                found,
                because: "a version of ViT-B/16 takes 0.4 GB; without room every pull crosses the network again",
                mend: "Make room, set STILLHOUSE_CACHE to a larger disk, or: stillhouse worker start --cache-size 2"
            )
        ]
    }
}
