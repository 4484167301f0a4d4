/// Makes tar archives byte by byte, good ones and bad ones.
package struct TarArchive {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// The whole archive, closed by its two empty blocks.
    package var closed: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    /// A member in ustar format; `prefix` is what stands before the last slash of a name of up to 255 bytes.
    package mutating func add(_ name: String, _ data: [UInt8], prefix: String = "", type: String = "0") {
        bytes += Self.header(name, size: Self.octal(data.count, 11), prefix: prefix, type: type)
        append(data)
    }

    package mutating func add(_ name: String, _ text: String) {
        add(name, Array(text.utf8))
    }

    /// A name of any length, as GNU tar writes it.
    package mutating func addWithGNUName(_ name: String, _ data: [UInt8]) {
        add("././@LongLink", Array(name.utf8) + [0], type: "L")
        add(String(name.prefix(90)), data)
    }

    /// A name, and if wanted a size, in pax records.
    package mutating func addWithRecords(_ name: String, _ data: [UInt8], statesSize: Bool = false) {
        var records = Self.record("path", name)
        if statesSize { records += Self.record("size", "\(data.count)") }
        add("PaxHeaders/x", Array(records.utf8), type: "x")
        bytes += Self.header("short", size: Self.octal(statesSize ? 0 : data.count, 11))
        append(data)
    }

    /// A size in eight bits a byte, as for members of more than 8 GiB.
    package mutating func addWithBinarySize(_ name: String, _ data: [UInt8], size: UInt64? = nil) {
        let value = size ?? UInt64(data.count)
        let field: [UInt8] =
            [0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
        bytes += Self.header(name, sizeField: field)
        append(data)
    }

    package mutating func addRaw(_ block: [UInt8]) {
        bytes += block
    }

    private mutating func append(_ data: [UInt8]) {
        bytes += data
        bytes += [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
    }

    private static func record(_ key: String, _ value: String) -> String {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count
        while length != rest.utf8.count + "\(length)".utf8.count { length = rest.utf8.count + "\(length)".utf8.count }
        return "\(length)\(rest)"
    }

    private static func octal(_ value: Int, _ digits: Int) -> [UInt8] {
        let text = String(value, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8) + [0]
    }

    private static func header(_ name: String, size: [UInt8], prefix: String = "", type: String = "0") -> [UInt8] {
        header(name, sizeField: size, prefix: prefix, type: type)
    }

    private static func header(
        _ name: String,
        sizeField: [UInt8],
        prefix: String = "",
        type: String = "0"
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ value: [UInt8], at place: Int) {
            for (index, byte) in value.enumerated() { block[place + index] = byte }
        }
        put(Array(name.utf8.prefix(100)), at: 0)
        put(octal(0o644, 7), at: 100)
        put(sizeField, at: 124)
        put(octal(0, 11), at: 136)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        put(Array(type.utf8.prefix(1)), at: 156)
        put(Array("ustar".utf8) + [0, 0x30, 0x30], at: 257)
        put(Array(prefix.utf8.prefix(155)), at: 345)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6) + [0x20], at: 148)
        return block
    }
}
