import OrderedCollections

/// The released weights of a CLIPSelf run: `α·student + (1 − α)·teacher` in fp32, on what was trained.
///
/// Everything else is copied, since 0.7v + 0.3v may differ from v in its last bit. α ≥ 1 gives the raw student, α = 0 the
/// teacher, both exactly.
///
/// - SeeAlso: Wu et al. 2024, CLIPSelf, arXiv:2310.01403, section 4; Wortsman et al. 2022 (WiSE-FT), arXiv:2109.01903.
package struct AlphaMix: Sendable, Hashable {
    /// Rows of a tensor's leading axis that were trained; the rest of the tensor is frozen.
    package struct TrainedSlice: Sendable, Hashable {
        package let key: String
        /// Nil for the whole tensor, and for scalars.
        package let rows: Range<Int>?

        package init(key: String, rows: Range<Int>? = nil) {
            self.key = key
            self.rows = rows
        }
    }

    package let alpha: Double

    /// - Throws: `CheckpointError.invalidAlpha` below 0 or for NaN.
    package init(alpha: Double) throws(CheckpointError) {
        guard alpha >= 0 else { throw .invalidAlpha(alpha) }
        self.alpha = alpha
    }

    /// Mixes two sets of weights of the same keys and shapes.
    ///
    /// - Parameter trained: slices that may differ between the two; they come out as fp32.
    /// - Throws: `CheckpointError.mismatch` for other keys or shapes, `.frozenTensorDiffers` when an untrained value
    ///   differs: the two are then not student and teacher of one run.
    package func callAsFunction(
        student: Checkpoint,
        teacher: Checkpoint,
        trained: [TrainedSlice]
    ) throws(CheckpointError) -> Checkpoint {
        let report = MergeReport(
            expected: teacher.tensors.mapValues(\.shape),
            found: student.tensors.mapValues(\.shape)
        )
        guard report.isExact else { throw .mismatch(source: "the student against its teacher", report) }
        let slices = Dictionary(grouping: trained, by: \.key)
        if let stray = trained.first(where: { student.tensors[$0.key] == nil }) {
            throw .noSuchTensor(file: "the student", tensor: stray.key)
        }
        var mixed = Checkpoint(metadata: student.metadata)
        for (key, tensor) in student.tensors {
            let base = try teacher.tensor(named: key)
            do throws(CheckpointError) {
                mixed.tensors[key] = try mix(tensor, base, slices[key] ?? [])
            } catch {
                throw .inTensor(key, error)
            }
        }
        return mixed
    }

    private func mix(
        _ student: CheckpointTensor,
        _ teacher: CheckpointTensor,
        _ slices: [TrainedSlice]
    ) throws(CheckpointError) -> CheckpointTensor {
        if slices.isEmpty, student == teacher { return student }
        let teacherValues = try teacher.floats()
        var values = try student.floats()
        let leading = student.shape.first ?? 1
        let rowSize = leading == 0 ? 0 : values.count / leading
        var isTrained = [Bool](repeating: false, count: leading)
        for slice in slices {
            let rows = slice.rows ?? 0..<leading
            guard rows.upperBound <= leading, rows.lowerBound >= 0 else {
                throw .rowsBeyondTensor(rows: rows, shape: student.shape)
            }
            for row in rows { isTrained[row] = true }
        }
        let (own, rest) = (Float(alpha), Float(1 - alpha))
        for row in 0..<leading {
            for index in row * rowSize..<(row + 1) * rowSize {
                if !isTrained[row] {
                    guard values[index].bitPattern == teacherValues[index].bitPattern else {
                        throw .frozenTensorDiffers
                    }
                } else if alpha == 0 {
                    values[index] = teacherValues[index]
                } else if alpha < 1 {
                    values[index] = own * values[index] + rest * teacherValues[index]
                }
            }
        }
        return slices.isEmpty ? student : CheckpointTensor(values, shape: student.shape)
    }
}
