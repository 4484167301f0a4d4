/// What a model file, or a request about a model, gets wrong.
package enum ModelsError: Error, Hashable {
    case notJSON(reason: String)
    case missingField(String)
    case malformedField(String, found: String, expected: String)
    /// A field that we know, with a value that would change the features and that we do not compute.
    case unsupportedField(String, value: String, supported: String)
    /// A field that open_clip's schema does not have, so nobody can say what it changes.
    case unknownField(String, value: String, known: [String])
    case unlockedGroupsOutOfRange(Int, highest: Int)
    /// A text of which cleaning leaves nothing.
    case emptyText(String)
    /// Two names that are equal once they are cleaned.
    case duplicateName(String)
    /// A class name that does not fit behind a prompt's contexts.
    case promptTooLong(String, contexts: Int, tokens: Int, limit: Int)
    /// Prompts that belong to another encoder than the one at hand.
    case otherEncoder(prompts: String, found: String)
    case malformedPrompts(source: String, reason: String)
    case indivisibleImage(height: Int, width: Int, patchSize: Int)
    /// No dense read-out is named so.
    case unknownReadout(String)
    /// A neighbourhood where none can be had, or of no width.
    case unusableSigma(Double, readout: String)
    /// A text that does not fit into a text tower's context whole.
    case longText(String, tokens: Int, contextLength: Int)
}

extension ModelsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let reason):
            "The model configuration is not a JSON object: \(reason). Pass an open_clip model file such as ViT-B-16.json."
        case .missingField(let field):
            "\(field): the model configuration lacks it. Take the file from open_clip, or start from a preset."
        case .malformedField(let field, let found, let expected):
            "\(field): the model configuration has \(found), expected \(expected)."
        case .unsupportedField(let field, let value, let supported):
            """
            \(field): \(value) would change the features and is not supported. Supported: \(supported). Choose a model \
            of that kind.
            """
        case .unknownField(let field, let value, let known):
            """
            \(field): \(value) is not a field of open_clip's schema, so what it changes is unknown. Remove it, or use \
            one of \(known.joined(separator: ", ")).
            """
        case .unlockedGroupsOutOfRange(let count, let highest):
            """
            unlockedGroups \(count): this model has \(highest) groups (its blocks, the position embedding, the patch \
            stem). Give a number from 0, which trains nothing, to \(highest).
            """
        case .emptyText(let text):
            "The text \(text.debugDescription) is empty once it is cleaned. Give it a word, or leave it out."
        case .duplicateName(let name):
            "The name \(name.debugDescription) stands there twice. Remove one, or tell the two apart."
        case .promptTooLong(let name, let contexts, let tokens, let limit):
            """
            The name \(Self.shown(name)) makes a sequence of \(tokens) tokens behind \(contexts) contexts; the text \
            tower takes \(limit). Shorten the name, or train fewer contexts.
            """
        case .otherEncoder(let prompts, let found):
            """
            These prompts were trained for the encoder \(prompts), and this one is \(found): elsewhere they mean nothing. \
            Name the weights that the run started from, in fp32, or train prompts for these.
            """
        case .malformedPrompts(let source, let reason):
            "\(source): \(reason). Name a file that `stillhouse weights pull` wrote for a run of prompts."
        case .indivisibleImage(let height, let width, let patchSize):
            """
            An image of \(width) × \(height) pixels does not divide into patches of \(patchSize). Use multiples of \
            \(patchSize) for both sides.
            """
        case .unknownReadout(let text):
            """
            There is no dense read-out \(text). Name one of \
            \(DenseReadout.Name.allCases.map(\.rawValue).joined(separator: ", ")), perhaps with a tail and a \
            neighbourhood, as in kk/full/σ5.
            """
        case .unusableSigma(let sigma, let readout):
            """
            The read-out \(readout) takes no neighbourhood of \(sigma) patches. A width is a number above 0, and only qq, \
            kk and qq+kk mix patches by likeness, which nearness can be added to.
            """
        case .longText(let text, let tokens, let contextLength):
            """
            The text \(Self.shown(text)) has \(tokens) tokens with start and end, the text tower reads \
            \(contextLength). Shorten it: what is cut off would not be seen.
            """
        }
    }

    /// The beginning of what is too long anyway.
    private static func shown(_ text: String) -> String {
        text.count <= 60 ? text.debugDescription : "\(text.prefix(59))…".debugDescription
    }
}
