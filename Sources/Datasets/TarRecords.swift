/// What pax says about the member behind it: `length key=value\n`, the length counting the whole record.
struct TarRecords: Hashable {
    private(set) var path: [UInt8]?
    private(set) var size: Int64?

    /// - Returns: nil when a record is not in order.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty, rest.first != 0 {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard let text = String(validating: digits, as: UTF8.self), let length = Int(text),
                length > digits.count + 1, length <= rest.count
            else { return nil }
            let record = rest.prefix(length).dropFirst(digits.count + 1)
            rest = rest.dropFirst(length)
            guard record.last == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                return nil
            }
            let value = record[(equals + 1)...].dropLast()
            switch String(decoding: record[..<equals], as: UTF8.self) {
            case "path": path = Array(value)
            case "size":
                guard let number = String(validating: value, as: UTF8.self).flatMap(Int64.init), number >= 0 else {
                    return nil
                }
                size = number
            default: break
            }
        }
    }
}
