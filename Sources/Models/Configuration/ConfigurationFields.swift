/// One object of a model file, read field by field; what nobody asked for is found at the end.
struct ConfigurationFields {
    /// More than any tower has.
    static let largestParameterCount = 1e11

    /// Dotted name of the object, empty at the top.
    let path: String
    private let fields: [String: JSONValue]
    private var known: Set<String> = []

    init(_ fields: [String: JSONValue], path: String) {
        self.fields = fields
        self.path = path
    }

    /// The field's value, nil when absent or null; open_clip reads both as its default.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = fields[name], value != .null else { return nil }
        return value
    }

    mutating func positiveInteger(_ name: String, default standard: Int?) throws(ModelsError) -> Int {
        guard let value = value(name) else {
            guard let standard else { throw .missingField(dotted(name)) }
            return standard
        }
        guard let integer = Self.size(value) else { throw malformed(name, value, expected: "a positive integer") }
        return integer
    }

    mutating func number(_ name: String) throws(ModelsError) -> Double? {
        guard let value = value(name) else { return nil }
        guard case .number(let number) = value, number.isFinite else {
            throw malformed(name, value, expected: "a number")
        }
        return number
    }

    mutating func boolean(_ name: String) throws(ModelsError) -> Bool {
        guard let value = value(name) else { return false }
        guard case .boolean(let boolean) = value else { throw malformed(name, value, expected: "true or false") }
        return boolean
    }

    /// One positive integer for both axes, or `[vertical, horizontal]`.
    mutating func pair(_ name: String, default standard: Int) throws(ModelsError) -> (vertical: Int, horizontal: Int) {
        guard let value = value(name) else { return (standard, standard) }
        let numbers: [JSONValue] = if case .array(let list) = value { list } else { [value, value] }
        let integers = numbers.compactMap(Self.size)
        guard numbers.count == 2, integers.count == 2 else {
            throw malformed(name, value, expected: "a positive integer or [height, width]")
        }
        return (integers[0], integers[1])
    }

    mutating func object(_ name: String) throws(ModelsError) -> [String: JSONValue]? {
        guard let value = value(name) else { return nil }
        guard case .object(let object) = value else { throw malformed(name, value, expected: "an object") }
        return object
    }

    /// A tower's `norm_kwargs`, of which we know the epsilon.
    mutating func normEpsilon() throws(ModelsError) -> Float {
        guard let object = try object("norm_kwargs") else { return 1e-5 }
        var arguments = ConfigurationFields(object, path: dotted("norm_kwargs"))
        let epsilon = try arguments.number("eps") ?? 1e-5
        try arguments.finish()
        return Float(epsilon)
    }

    /// Accepts a field only where it says what our computation does anyway.
    mutating func require(_ name: String, oneOf accepted: [JSONValue], supported: String) throws(ModelsError) {
        guard let value = value(name), !accepted.contains(value) else { return }
        throw .unsupportedField(dotted(name), value: value.description, supported: supported)
    }

    /// Fields that another tower or another stage reads, or that say nothing without a field refused elsewhere.
    mutating func carry(_ names: String...) {
        known.formUnion(names)
    }

    /// Throws for the first field, by name, that none of the calls above mentioned.
    func finish() throws(ModelsError) {
        guard let stranger = fields.keys.filter({ !known.contains($0) }).min() else { return }
        let value = fields[stranger]?.description ?? "null"
        throw .unknownField(dotted(stranger), value: value, known: known.sorted())
    }

    /// A positive integer below 2²⁴: beyond any model's, and products of a few stay far from overflow.
    private static func size(_ value: JSONValue) -> Int? {
        guard case .number(let number) = value, let integer = Int(exactly: number) else { return nil }
        return (1..<1 << 24).contains(integer) ? integer : nil
    }

    func malformed(_ name: String, _ value: JSONValue, expected: String) -> ModelsError {
        .malformedField(dotted(name), found: value.description, expected: expected)
    }

    private func dotted(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
