/// Sides of the square views in pixels. The clean view has the global one.
package struct ViewSizes: Hashable, Sendable {
    package var global: Int
    package var local: Int

    package init(global: Int, local: Int) {
        self.global = global
        self.local = local
    }
}
