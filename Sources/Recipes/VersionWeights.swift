import Layers

/// One version's weights as a step reads them: made once, good for any number of jobs.
package struct VersionWeights {
    let differentiation: ValueAndGradient
    /// nil without a teacher.
    let teacher: ParameterTree?
    /// `[centreSize]`
    let centre: [Float]

    var parameters: ParameterTree { differentiation.parameters }
}
