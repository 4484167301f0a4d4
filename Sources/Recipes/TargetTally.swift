/// How many of a job's targets were known, and how many the teacher was asked for.
package struct TargetTally: Codable, Hashable, Sendable {
    package var found: Int
    package var computed: Int

    package init(found: Int = 0, computed: Int = 0) {
        self.found = found
        self.computed = computed
    }
}
