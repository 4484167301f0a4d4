import Configs
import Models
import Recipes
import TestSupport

extension FuzzDecoder {
    /// A recipe's file, through validation and the form in which it is stored.
    static let recipeYAML = FuzzDecoder(
        name: "recipe-yaml",
        memoryBound: 256,
        corpus: { recipes.map { Array($0.utf8) } },
        mutate: TextMutation.yaml(words: keys).apply,
        decode: { bytes, _ in
            await verdict(RecipeError.self) {
                try use(try RecipeLoader().parse(String(decoding: bytes, as: UTF8.self)))
            }
        }
    )

    /// `--set key.path=value`, several parted by zero bytes.
    static let recipeSettings = FuzzDecoder(
        name: "recipe-settings",
        memoryBound: 256,
        corpus: {
            [
                "data.root=/data", "schedule.learning_rate=1e-4", "parameters=[{pattern: visual.*, trains: false}]",
                "optimizer.clip_norm=null", "seed=7\0name=x\0objective={regions: proposals}",
            ]
            .map { Array($0.utf8) }
        },
        mutate: TextMutation.yaml(
            words: keys + ["=", ".", "a.b.c=d", "objective.kind=clipself", "extends=clipself-tiny"]
        )
        .apply,
        decode: { bytes, _ in
            await verdict(RecipeError.self) {
                let settings = String(decoding: bytes, as: UTF8.self).split(separator: "\0").map(String.init)
                try use(try RecipeLoader().load("clipself-tiny", settings: settings))
            }
        }
    )

    /// A recipe as a run stores it.
    static let recipeJSON = FuzzDecoder(
        name: "recipe-json",
        memoryBound: 256,
        corpus: {
            try ["clipself-tiny", "clipself-openai-vit-b-16-proposals-batch2"].map { name in
                Array(try RecipeLoader().load(name).canonicalJSON().utf8)
            }
        },
        mutate: TextMutation.json(words: keys).apply,
        decode: { bytes, _ in
            await verdict(RecipeError.self) { try use(try Recipe(json: String(decoding: bytes, as: UTF8.self))) }
        }
    )

    /// open_clip's model files, and what is computed from their sizes.
    static let modelConfiguration = FuzzDecoder(
        name: "model-json",
        memoryBound: 256,
        corpus: {
            let wrapped = #"{"model_cfg":{"embed_dim":8,"vision_cfg":{"width":64,"layers":1}},"preprocess_cfg":{}}"#
            return ["stillhouse-tiny", "ViT-B-16-quickgelu", "ViT-L-14-336"].compactMap { Presets.models[$0] }
                + [Array(wrapped.utf8)]
        },
        mutate: TextMutation.json(
            words: [
                "mlp_ratio", "ls_init_value", "head_width", "patch_size", "image_size", "norm_kwargs", "pool_type",
                "quick_gelu", "no_ln_pre", "width", "layers", "eps", "avg", "tok",
            ],
            values: ["[336, 14]", "16777215", "{\"eps\": 1e-6}", "-1e300", "999.9", "\"avg\""]
        ).apply,
        decode: { bytes, _ in
            await verdict(ModelsError.self) {
                let vision = try ModelConfiguration(json: bytes).vision
                _ = try vision.grid(height: vision.imageHeight, width: vision.imageWidth)
                let cells = (vision.imageHeight / vision.patchSize) * (vision.imageWidth / vision.patchSize)
                // As the parameter tree multiplies them; an overflow traps.
                let block = vision.width * (4 * vision.width + 2 * vision.hidden)
                _ = vision.layers * block + vision.width * (cells + vision.embeddingSize)
            }
        }
    )

    private static let recipes: [String] =
        Presets.recipes.sorted { $0.key < $1.key }.map(\.value) + [
            """
            extends: clipself-tiny
            seed: 3
            parameters:
              - {pattern: "visual.*", learning_rate_scale: 0.5}
              - pattern: '*.bias'
                weight_decay: 0
            optimizer: {clip_norm: 1.5, beta2: 0.999}
            objective: {kind: clipself, regions: proposals}
            """
        ]

    private static let keys = [
        "name", "seed", "model", "extends", "objective", "kind", "student_size", "schedule", "updates", "parameters",
        "pattern", "data", "root", "annotations", "export", "alpha", "evaluation", "aggregation", "images_per_job",
        "clipself", "clipself-tiny", "folder",
    ]

    /// What is done with any recipe before a run is made of it; it must survive its own stored form.
    private static func use(_ recipe: Recipe) throws {
        try recipe.validate()
        _ = recipe.schedule.updates * recipe.imagesPerUpdate
        _ = try recipe.yaml()
        guard try Recipe(json: recipe.canonicalJSON()) == recipe else { throw Unstable() }
    }

    private struct Unstable: Error {}
}
