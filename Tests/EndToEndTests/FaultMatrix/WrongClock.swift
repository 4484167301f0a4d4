import Foundation
import Testing

/// A library that shifts a process's calendar clock, for LD_PRELOAD; clocks that measure spans stay right.
final class WrongClock {
    private let directory: URL

    private static let source = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>
        int clock_gettime(clockid_t clock, struct timespec *now) {
            int status = (int)syscall(SYS_clock_gettime, clock, now);
            if (clock == CLOCK_REALTIME && status == 0) now->tv_sec += atol(getenv("STILLHOUSE_TEST_CLOCK_OFFSET"));
            return status;
        }
        """

    /// Compiles it with the compiler that Swift brings or the system has.
    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("stillhouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(Self.source.utf8).write(to: directory.appendingPathComponent("clock.c"))
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/bin/sh")
        compiler.currentDirectoryURL = directory
        compiler.arguments = [
            "-c", "for c in cc clang gcc; do $c -shared -fPIC -o clock.so clock.c && exit 0; done; exit 1",
        ]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "no C compiler on PATH (cc, clang or gcc)")
    }

    func environment(offBySeconds seconds: Int) -> [String: String] {
        [
            "LD_PRELOAD": directory.appendingPathComponent("clock.so").path,
            "STILLHOUSE_TEST_CLOCK_OFFSET": "\(seconds)",
        ]
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }
}
