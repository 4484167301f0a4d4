/// Sentences about a scene, made from the names of what it shows.
package enum SceneCaption {
    /// Whom a caption names: every object, or, as captions of the web do, the main one alone.
    package enum Subject: String, Codable, Sendable, CaseIterable {
        case all, main
    }

    private static let single = [
        "a picture of @", "an image of @", "@", "a drawing of @", "this is @", "there is @ in the picture",
        "a small picture of @", "here we see @", "one can see @", "a view of @", "@ in front of a background",
        "a good picture of @",
    ]
    private static let several = [
        "a picture of @", "an image of @", "@", "there is @ here", "a scene with @", "@ together", "a drawing of @",
        "one can see @", "@ in one picture",
    ]

    /// - Parameter nouns: of what can be seen; the order in the sentence is drawn.
    static func text(of nouns: [String], _ draws: inout SceneDraws) -> String {
        let template = draws.element(of: nouns.count > 1 ? several : single)
        let names = draws.shuffled(nouns).map(withArticle)
        let (first, last) = (names.dropLast().joined(separator: ", "), names.last ?? "nothing")
        return template.replacing("@", with: first.isEmpty ? last : "\(first) and \(last)")
    }

    /// "a dog", "an owl", "scissors".
    static func withArticle(_ noun: String) -> String {
        let endings = ["ss", "us", "os", "is"]
        let isPlural = noun.hasSuffix("s") && !endings.contains { noun.hasSuffix($0) }
        if isPlural { return noun }
        let soundsLikeYou = ["uni", "uku", "eu", "one"].contains { noun.hasPrefix($0) }
        let hasVowel = noun.first.map { "aeiou".contains($0.lowercased()) } ?? false
        return (hasVowel && !soundsLikeYou ? "an " : "a ") + noun
    }
}
