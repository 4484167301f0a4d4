/// Work whose inputs exist: every repetition computes the same shapes.
package protocol PreparedWork: AnyObject {
    func repetition() throws
}
