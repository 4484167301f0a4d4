import Foundation

/// The bounds a child puts on itself; the kernel enforces them.
enum FuzzLimits {
    /// Processor time for one input. It catches hangs; it is no measure of speed.
    static let cpuSeconds = 10
    /// The same by the clock, for a decoder that waits instead of computing.
    static let wallSeconds = 120

    /// Begins the time of one input. Beyond it SIGPROF or SIGALRM ends the process.
    static func startInput() {
        var cpu = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: cpuSeconds, tv_usec: 0))
        var wall = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: wallSeconds, tv_usec: 0))
        setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &cpu, nil)
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &wall, nil)
    }

    /// Lets the address space grow by this many megabytes from here on. Core dumps are of no use: inputs are saved.
    static func boundMemory(megabytes: Int) {
        let bytes = rlim_t((status("VmSize") + megabytes << 10) << 10)
        var memory = rlimit(rlim_cur: bytes, rlim_max: bytes)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
        var core = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
    }

    /// A size from `/proc/self/status`, in kibibytes.
    static func status(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}
