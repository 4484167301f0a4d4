extension CheckpointTensor {
    /// The element types Stillhouse reads and writes; raw values are the names in a safetensors header.
    ///
    /// Cases stand in the order in which safetensors' own writer ranks them, lowest first: `SafetensorsHeader` relies on
    /// it to lay tensors out so that each starts at a multiple of its element size.
    package enum DType: String, Sendable, Hashable, CaseIterable, Codable {
        case bool = "BOOL"
        case uint8 = "U8"
        case int8 = "I8"
        case int16 = "I16"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case int32 = "I32"
        case float32 = "F32"
        case float64 = "F64"
        case int64 = "I64"

        /// The types one may ask for on the command line, by the names in use there.
        package static let precisions: [String: DType] = ["fp32": .float32, "fp16": .float16, "bf16": .bfloat16]

        /// Bytes per element.
        package var byteCount: Int {
            switch self {
            case .bool, .uint8, .int8: 1
            case .int16, .float16, .bfloat16: 2
            case .int32, .float32: 4
            case .float64, .int64: 8
            }
        }

        /// True for the types that `converted(to:)` may change; integers and booleans are never cast.
        package var isFloatingPoint: Bool {
            switch self {
            case .float16, .bfloat16, .float32, .float64: true
            case .bool, .uint8, .int8, .int16, .int32, .int64: false
            }
        }

        /// Bytes of an array of this type; nil when a size is negative or the product leaves `Int`.
        package func byteCount(of shape: [Int]) -> Int? {
            var count = byteCount
            var isEmpty = false
            for size in shape {
                guard size >= 0 else { return nil }
                if size == 0 { isEmpty = true }
                // An empty axis must not hide an overflow of the others: [0, 2^62, 2^62] is still nonsense.
                let (product, overflow) = count.multipliedReportingOverflow(by: max(size, 1))
                guard !overflow else { return nil }
                count = product
            }
            return isEmpty ? 0 : count
        }
    }
}
