extension JSONScanner {
    /// A whole number that fits, or nil for any other value, which is passed over.
    mutating func integerOrNil() throws(JSONError) -> Int64? {
        guard try peek() == .number else {
            try skip()
            return nil
        }
        let text = try number()
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) }
    }

    /// A number, NaN and infinities included, or nil for any other value, which is passed over.
    mutating func doubleOrNil() throws(JSONError) -> Double? {
        guard try peek() == .number else {
            try skip()
            return nil
        }
        let text = try number()
        guard let value = Double(text) else { throw failure("`\(text)` is no number") }
        return value
    }

    mutating func stringOrNil() throws(JSONError) -> String? {
        guard try peek() == .string else {
            try skip()
            return nil
        }
        return try string()
    }

    /// COCO writes 0 and 1; others write booleans.
    mutating func flag() throws(JSONError) -> Bool {
        try peek() == .boolean ? try boolean() : try integerOrNil() == 1
    }

    /// Nil if the value is no array or one of its elements no number; it is passed over all the same.
    mutating func doublesOrNil() throws(JSONError) -> [Double]? {
        guard try peek() == .array else {
            try skip()
            return nil
        }
        var numbers: [Double] = []
        var areAllNumbers = true
        try array { scanner throws(JSONError) in
            if let number = try scanner.doubleOrNil() { numbers.append(number) } else { areAllNumbers = false }
        }
        return areAllNumbers ? numbers : nil
    }
}
