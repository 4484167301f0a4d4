package import Images

extension CLIPSelf {
    /// One picture for the student, and for each region a box on it and a cut of the stored picture for the teacher.
    package struct Views: Sendable {
        package let student: StudentView
        package let regions: [Region]
        /// What crops are cut from, when one is wanted.
        package let stored: Image
    }
}
