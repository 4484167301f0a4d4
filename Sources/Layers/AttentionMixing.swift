/// Who listens to whom when a block reads dense features: the matrix in front of the values, for each head.
///
/// Queries and keys come from one input, so queries with queries, or keys with keys, ask which tokens look alike; queries
/// with keys, as a model was trained, ask which tokens matter for the picture as a whole.
package enum AttentionMixing: Hashable, Sendable {
    /// Each token keeps to itself.
    case identity
    /// softmax(Q·Kᵀ/√S), as trained.
    case queryKey
    /// softmax(Q·Qᵀ/√S)
    case queryQuery
    /// softmax(K·Kᵀ/√S)
    case keyKey
    /// The sum of the two before; its rows sum to 2.
    case queryQueryAndKeyKey
}
