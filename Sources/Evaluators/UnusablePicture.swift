package import Datasets

/// A picture, or a record of one, that an evaluation had to do without; reported with its reason, and never fatal.
package struct UnusablePicture: Codable, Hashable, Sendable {
    /// The picture's key, or the place of the record.
    package let key: String
    package let reason: String

    package init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }

    /// What indexing left out: pictures, then records of tables and shards that name none.
    package static func all(of scan: DatasetScan) -> [UnusablePicture] {
        scan.rejectedImages.map { UnusablePicture(key: $0.key, reason: "\($0.reason)") }
            + scan.rejectedRecords.map { record in
                switch record.position {
                case .line(let line): UnusablePicture(key: "\(record.file), line \(line)", reason: record.cause)
                case .offset(let offset): UnusablePicture(key: "\(record.file), byte \(offset)", reason: record.cause)
                }
            }
    }
}
