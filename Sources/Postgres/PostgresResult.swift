internal import CLibPQ

/// One answer of the server, cleared when it goes out of scope.
struct PostgresResult: ~Copyable {
    private let pointer: OpaquePointer

    /// - Returns: nil for libpq's null, which ends a statement's results.
    init?(_ pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    var sqlState: SQLState? { text(stillhouse_result_sqlstate(pointer)).map(SQLState.init(rawValue:)) }

    /// The server's one-line message. Errors made by libpq itself have none; their text follows.
    var primaryMessage: String? {
        text(stillhouse_result_primary_message(pointer))
            ?? text(PQresultErrorMessage(pointer)).flatMap { $0.split(separator: "\n").first.map(String.init) }
    }

    var constraint: String? { text(stillhouse_result_constraint(pointer)) }

    /// `INSERT 0 1`, `COMMIT`, `ROLLBACK` and so on.
    var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    var rowCount: Int { Int(PQntuples(pointer)) }

    /// Where a column stands, or nil where none has that name.
    func position(of column: String) -> Int? {
        let position = PQfnumber(pointer, column)
        return position < 0 ? nil : Int(position)
    }

    func type(ofColumn position: Int) -> PostgresType { PostgresType(rawValue: PQftype(pointer, Int32(position))) }

    /// A cell where libpq keeps it; nil for NULL.
    func withBytes<R>(row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(pointer, row, column) == 0 else { return try body(nil) }
        let count = Int(PQgetlength(pointer, row, column))
        return try body(UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: count))
    }

    var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// Copies the rows out, each cell once, so that what leaves the connection's thread is plain values.
    func rows(of statement: String) -> [Row] {
        let width = PQnfields(pointer)
        let columns = Row.Columns(
            statement: statement,
            names: (0..<width).map { text(PQfname(pointer, $0)) ?? "" },
            types: (0..<width).map { PostgresType(rawValue: PQftype(pointer, $0)) }
        )
        return (0..<PQntuples(pointer)).map { row in
            Row(columns: columns, cells: (0..<width).map { cell(row, $0) })
        }
    }

    private func cell(_ row: Int32, _ column: Int32) -> [UInt8]? {
        guard PQgetisnull(pointer, row, column) == 0 else { return nil }
        let count = Int(PQgetlength(pointer, row, column))
        return Array(UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: count))
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.flatMap { $0.pointee == 0 ? nil : String(cString: $0) }
    }
}
