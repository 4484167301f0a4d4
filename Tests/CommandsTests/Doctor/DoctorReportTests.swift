import Commands
import Foundation
import Stores
import Testing

@Suite("The report of doctor")
struct DoctorReportTests {
    private var mixed: DoctorReport {
        var report = DoctorReport()
        report.add("Machine", [.ok("memory", "64.0 GB"), .note("OMP_NUM_THREADS", "4, without effect")])
        report.add(
            "Schema",
            [
                Finding(
                    .error,
                    "index gradient.gradient_counts_once",
                    "is missing",
                    because: "it is a guard: nothing else keeps a job from counting twice",
                    mend: "CREATE UNIQUE INDEX …;"
                ),
                Finding(
                    .warning,
                    "session 4711",
                    "ann (psql, from this host) has had a transaction open for 75 s, working",
                    because: "claims get slower",
                    mend: "Ask ann, or:\nSELECT pg_terminate_backend(4711);"
                ),
            ]
        )
        report.add("Runs", [Finding]())
        return report
    }

    @Test("reads as chapters of lines, with reason and remedy below what is not well")
    func layout() {
        #expect(
            mixed.text == """
                Machine
                  ok       memory: 64.0 GB
                  note     OMP_NUM_THREADS: 4, without effect

                Schema
                  error    index gradient.gradient_counts_once: is missing
                           why:  it is a guard: nothing else keeps a job from counting twice
                           mend: CREATE UNIQUE INDEX …;
                  warning  session 4711: ann (psql, from this host) has had a transaction open for 75 s, working
                           why:  claims get slower
                           mend: Ask ann, or:
                                 SELECT pg_terminate_backend(4711);

                1 error, 1 warning, 1 note, 1 ok.
                """
        )
    }

    @Test("an error decides the exit status, warnings do not")
    func status() {
        #expect(mixed.status == .broken)
        var report = DoctorReport()
        report.add("Machine", [Finding(.warning, "memory", "1 GB", because: "little", mend: "more")])
        #expect(report.status == .success)
    }

    @Test("as JSON it has severity, object, found, reason and remedy")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var report = DoctorReport()
        report.add("Machine", [Finding(.note, "clock", "2 s ahead", because: "logs", mend: "timedatectl set-ntp true")])
        #expect(
            String(decoding: try encoder.encode(report), as: UTF8.self) == #"{"chapters":[{"findings":[{"#
                + #""found":"2 s ahead","object":"clock","reason":"logs","remedy":"timedatectl set-ntp true","#
                + #""severity":"note"}],"title":"Machine"}]}"#
        )
    }
}
