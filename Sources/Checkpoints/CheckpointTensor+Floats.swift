extension CheckpointTensor {
    /// An fp32 tensor of `values` in row-major order; a count that differs from the shape's is a programmer's mistake.
    package init(_ values: [Float], shape: [Int]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill \(shape)")
        self.init(trusted: .float32, shape, Self.encoded(values) { $0.bitPattern })
    }

    /// Every element as fp32, exactly.
    ///
    /// - Throws: `CheckpointError.notExact` for an fp64 or integer element that fp32 cannot hold.
    package func floats() throws(CheckpointError) -> [Float] {
        switch dtype {
        case .float32: return decoded { Float(bitPattern: $0) }
        case .float16: return decoded { Float(float16Bits: $0) }
        case .bfloat16: return decoded { Float(bfloat16Bits: $0) }
        case .bool: return bytes.map { $0 == 0 ? 0 : 1 }
        case .uint8: return bytes.map { Float($0) }
        case .int8: return decoded { Float(Int8(bitPattern: $0)) }
        case .int16: return decoded { Float(Int16(bitPattern: $0)) }
        case .int32: return try exact(decoded { Int32(bitPattern: $0) }) { Float(exactly: $0) }
        case .int64: return try exact(decoded { Int64(bitPattern: $0) }) { Float(exactly: $0) }
        case .float64:
            // `Float(exactly:)` has no value for NaN, which fp32 does hold.
            return try exact(decoded { Double(bitPattern: $0) }) { $0.isNaN ? Float.nan : Float(exactly: $0) }
        }
    }

    /// Every element as fp64; exact for all types but int64 beyond 2⁵³. For statistics, not for weights.
    package var doubles: [Double] {
        switch dtype {
        case .float32: decoded { Double(Float(bitPattern: $0)) }
        case .float16: decoded { Double(Float(float16Bits: $0)) }
        case .bfloat16: decoded { Double(Float(bfloat16Bits: $0)) }
        case .bool: bytes.map { $0 == 0 ? 0 : 1 }
        case .uint8: bytes.map { Double($0) }
        case .int8: decoded { Double(Int8(bitPattern: $0)) }
        case .int16: decoded { Double(Int16(bitPattern: $0)) }
        case .int32: decoded { Double(Int32(bitPattern: $0)) }
        case .int64: decoded { Double(Int64(bitPattern: $0)) }
        case .float64: decoded { Double(bitPattern: $0) }
        }
    }

    /// The same values in another floating-point type, rounded to nearest even; integers and booleans are untouched.
    ///
    /// - Throws: `CheckpointError.beyondRange` when a finite value would become infinite: such a file looks healthy and
    ///   poisons whatever loads it. `.notExact` when narrowing fp64.
    package func converted(to target: DType) throws(CheckpointError) -> CheckpointTensor {
        precondition(target.isFloatingPoint, "\(target) is not a floating-point type")
        guard dtype.isFloatingPoint, dtype != target else { return self }
        if target == .float64 {
            return CheckpointTensor(trusted: target, shape, Self.encoded(doubles) { $0.bitPattern })
        }
        let values = try floats()
        let limit: Float
        let converted: CheckpointTensor
        switch target {
        case .float16:
            limit = 65520  // halfway between the greatest fp16 and the next power of two: rounds to infinity
            converted = CheckpointTensor(trusted: target, shape, Self.encoded(values) { $0.float16Bits })
        case .bfloat16:
            limit = Float(bitPattern: 0x7F7F_8000)
            converted = CheckpointTensor(trusted: target, shape, Self.encoded(values) { $0.bfloat16Bits })
        default:
            return CheckpointTensor(values, shape: shape)
        }
        if let value = values.first(where: { $0.isFinite && $0.magnitude >= limit }) {
            throw .beyondRange(dtype: target, value: value)
        }
        return converted
    }

    private func exact<Value: Sendable & LosslessStringConvertible>(
        _ values: [Value],
        _ convert: (Value) -> Float?
    ) throws(CheckpointError) -> [Float] {
        var floats: [Float] = []
        floats.reserveCapacity(values.count)
        for value in values {
            guard let float = convert(value) else { throw .notExact(dtype: dtype, value: String(value)) }
            floats.append(float)
        }
        return floats
    }
}

extension CheckpointTensor {
    /// Little-endian words of the bytes, each turned into a value.
    func decoded<Word: FixedWidthInteger, Value>(_ value: (Word) -> Value) -> [Value] {
        let count = bytes.count / MemoryLayout<Word>.size
        return bytes.withUnsafeBytes { buffer in
            [Value](unsafeUninitializedCapacity: count) { values, initializedCount in
                for index in 0..<count {
                    let word = buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
                    values.initializeElement(at: index, to: value(Word(littleEndian: word)))
                }
                initializedCount = count
            }
        }
    }

    /// The inverse of `decoded`.
    static func encoded<Word: FixedWidthInteger, Value>(_ values: [Value], _ word: (Value) -> Word) -> [UInt8] {
        let size = MemoryLayout<Word>.size
        return [UInt8](unsafeUninitializedCapacity: values.count * size) { buffer, initializedCount in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for (index, value) in values.enumerated() {
                target.storeBytes(of: word(value).littleEndian, toByteOffset: index * size, as: Word.self)
            }
            initializedCount = values.count * size
        }
    }
}
