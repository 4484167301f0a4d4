extension Image {
    /// Every channel value replaced by its entry in a table.
    ///
    /// - Precondition: 256 entries.
    func mapped(through table: [UInt8]) -> Image {
        precondition(table.count == 256, "one entry a level")
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { pixels in
            table.withUnsafeBufferPointer { table in
                for index in 0..<pixels.count { pixels[index] = table[Int(pixels[index])] }
            }
        }
        return result
    }
}
