package import Images

extension CLIPSelf {
    /// One picture for the student, and for each region a box on it and a crop for the teacher.
    package struct Views: Sendable {
        package let student: StudentView
        package let regions: [Region]
        /// One a region, c × c.
        package let crops: [Image]
    }
}
