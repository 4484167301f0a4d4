/// Where JSON text stopped being what it should be.
struct JSONError: Error, Hashable {
    /// In bytes from the beginning of the file.
    let offset: Int
    let cause: String
}
