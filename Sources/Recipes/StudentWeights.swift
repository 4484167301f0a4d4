import Layers

/// One version's weights as a step reads them: made once, good for any number of jobs.
package struct StudentWeights {
    let differentiation: ValueAndGradient
}
