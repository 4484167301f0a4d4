/// What the process tells its supervisor: 0, 64, 70, 76 and 77 mean "do not restart", 69 and 75 "restart".
package enum ExitStatus: Int32, Sendable {
    /// Finished or drained.
    case success = 0
    /// Bad usage, configuration, recipe or file.
    case usage = 64
    /// The database or another service cannot be reached.
    case unavailable = 69
    /// An invariant of the ledger does not hold, `doctor` found an error, or a defect of the program.
    case broken = 70
    /// A passing condition: a drain that ran out of time, a version retired while it was pulled.
    case temporary = 75
    /// Another protocol, recipe, layout or data set than the run's.
    case mismatch = 76
    /// Authentication or permission.
    case forbidden = 77

    /// What `--help` of each role says about them.
    static let table = """
        Exit codes, for supervisors; restart after 69 and 75 only:
          0   finished or drained
          64  wrong usage, configuration, recipe or file
          69  the database stayed away for longer than --give-up
          70  an invariant does not hold, or a defect of the program
          75  passing: a drain out of time, a second signal, a retired version
          76  another protocol, recipe, layout or dataset than the run's
          77  authentication or permission
        """
}
