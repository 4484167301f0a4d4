import Foundation

/// What the files made of some pictures are called: the picture's own name without folder and extension.
package enum OutputStems {
    /// One name a path, none twice: of pictures with one name the later ones get a number.
    package static func stems(of paths: [String]) -> [String] {
        var taken: Set<String> = []
        return paths.map { path in
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            var (stem, number) = (name, 1)
            while !taken.insert(stem).inserted {
                number += 1
                stem = "\(name)-\(number)"
            }
            return stem
        }
    }
}
