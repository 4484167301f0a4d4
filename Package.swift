// swift-tools-version: 6.3
import PackageDescription

// Read top to bottom: every target depends only on what stands above it. Tests/ArchitectureTests holds us to that.

let swift: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
let c: [CSetting] = [.treatAllWarnings(as: .error)]

let collections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let lifecycleUnix: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "stillhouse",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "stillhouse", targets: ["stillhouse"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // 0 · System libraries, no logic
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),

        // 1 · C: hot loops over raw buffers, codecs whose setjmp must not cross Swift frames, and embedded text files
        .target(name: "CKernels", cSettings: c),
        .target(name: "CCodecs", dependencies: ["CJPEG", "CPNG"], cSettings: c),
        .target(
            name: "CVocabulary",
            exclude: ["NOTICE.md", "clip_merges.txt", "html_entities.txt", "make_vocabulary.py"],
            cSettings: c
        ),

        // 2 · Numerics
        .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: swift),
        .target(name: "Layers", dependencies: ["Tensors", collections], swiftSettings: swift),
        .target(name: "Optimizers", dependencies: ["Layers"], swiftSettings: swift),
        .target(name: "Checkpoints", dependencies: [collections, crypto], swiftSettings: swift),

        // 3 · Vision and language: models, pictures, and what is learnt from them
        .target(
            name: "Models",
            dependencies: ["CVocabulary", "Layers", "Checkpoints", collections],
            swiftSettings: swift
        ),
        .target(
            name: "Images",
            dependencies: ["CCodecs"],
            exclude: ["Drawing/make_label_font.py"],
            swiftSettings: swift
        ),
        .target(name: "Datasets", dependencies: ["Images", "Tensors", crypto], swiftSettings: swift),
        .target(name: "Objectives", dependencies: ["Models", "Datasets"], swiftSettings: swift),
        .target(name: "Evaluators", dependencies: ["Models", "Datasets", "Objectives"], swiftSettings: swift),
        .target(
            name: "Configs",
            path: "Configs",
            resources: [
                .embedInCode("models"), .embedInCode("recipes"), .embedInCode("templates"), .embedInCode("classes"),
            ],
            swiftSettings: swift
        ),
        .target(
            name: "Recipes",
            dependencies: ["Configs", "Objectives", "Evaluators", "Optimizers", "Yams"],
            swiftSettings: swift
        ),

        // 4 · Infrastructure: PostgreSQL as queue and parameter store
        .target(name: "Postgres", dependencies: ["CLibPQ", logging], swiftSettings: swift),
        .target(
            name: "Migrations",
            dependencies: ["Postgres"],
            path: "Migrations",
            resources: [.embedInCode("sql")],
            swiftSettings: swift
        ),
        .target(name: "Stores", dependencies: ["Postgres"], swiftSettings: swift),
        .target(name: "Transfers", dependencies: ["Stores", "Checkpoints", crypto], swiftSettings: swift),
        .target(name: "Telemetry", dependencies: [logging], swiftSettings: swift),

        // 5 · Roles: one loop each, never importing each other
        .target(
            name: "CoordinatorRole",
            dependencies: ["Stores", "Recipes", "Telemetry", lifecycle],
            swiftSettings: swift
        ),
        .target(
            name: "WorkerRole",
            dependencies: ["Stores", "Transfers", "Recipes", "Telemetry", lifecycle],
            swiftSettings: swift
        ),
        .target(
            name: "AggregatorRole",
            dependencies: ["Stores", "Transfers", "Recipes", "Telemetry", lifecycle],
            swiftSettings: swift
        ),

        // 6 · Product
        .target(
            name: "Commands",
            dependencies: [
                "CoordinatorRole", "WorkerRole", "AggregatorRole", "Migrations", arguments, collections, lifecycle,
                lifecycleUnix,
            ],
            swiftSettings: swift
        ),
        .executableTarget(name: "stillhouse", dependencies: ["Commands"], swiftSettings: swift),

        // Tests: what they share, then one target for each of the above, then the whole
        .target(
            name: "TestSupport",
            dependencies: ["Tensors", "Checkpoints", "Postgres", "Stores", "Migrations", logging],
            path: "Tests/TestSupport",
            swiftSettings: swift
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: swift),
        .testTarget(
            name: "TensorsTests",
            dependencies: ["Tensors", "TestSupport", "CKernels", "COpenBLAS"],
            swiftSettings: swift
        ),
        .testTarget(name: "LayersTests", dependencies: ["Layers", "TestSupport"], swiftSettings: swift),
        .testTarget(name: "OptimizersTests", dependencies: ["Optimizers"], swiftSettings: swift),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: ["Checkpoints", "TestSupport", collections],
            exclude: ["Fixtures"],
            swiftSettings: swift
        ),
        .testTarget(
            name: "ModelsTests",
            dependencies: ["Models", "Checkpoints", "Configs", "TestSupport", collections],
            swiftSettings: swift
        ),
        .testTarget(
            name: "ImagesTests",
            dependencies: ["Images", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: swift
        ),
        .testTarget(
            name: "DatasetsTests",
            dependencies: ["Datasets", "Images", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: swift
        ),
        .testTarget(
            name: "ObjectivesTests",
            dependencies: ["Configs", "Objectives", "TestSupport"],
            swiftSettings: swift
        ),
        .testTarget(name: "EvaluatorsTests", dependencies: ["Evaluators", "TestSupport"], swiftSettings: swift),
        .testTarget(
            name: "RecipesTests",
            dependencies: ["Recipes", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: swift
        ),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport", logging], swiftSettings: swift),
        .testTarget(
            name: "MigrationsTests",
            dependencies: ["Migrations", "Postgres", "TestSupport"],
            swiftSettings: swift
        ),
        .testTarget(
            name: "StoresTests",
            dependencies: ["Stores", "Migrations", "Postgres", "TestSupport", crypto],
            swiftSettings: swift
        ),
        .testTarget(
            name: "TransfersTests",
            dependencies: ["Transfers", "Stores", "Checkpoints", "Postgres", "TestSupport"],
            swiftSettings: swift
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["Telemetry", "TestSupport", logging],
            swiftSettings: swift
        ),
        .testTarget(
            name: "CoordinatorRoleTests",
            dependencies: ["CoordinatorRole", "Postgres", "Stores", "TestSupport"],
            swiftSettings: swift
        ),
        .testTarget(name: "WorkerRoleTests", dependencies: ["WorkerRole", "TestSupport"], swiftSettings: swift),
        .testTarget(
            name: "AggregatorRoleTests",
            dependencies: ["AggregatorRole", "Recipes", "Stores", "Transfers", "TestSupport"],
            swiftSettings: swift
        ),
        .testTarget(
            name: "CommandsTests",
            dependencies: ["Commands", "Migrations", "TestSupport", arguments, collections],
            swiftSettings: swift
        ),
        .testTarget(
            name: "ParityTests",
            dependencies: ["Recipes", "Checkpoints", "TestSupport", collections],
            exclude: ["Fixtures"],
            swiftSettings: swift
        ),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "Images", "Models", "Checkpoints", "Datasets", "Objectives", "Configs", "Recipes", "Postgres", "Stores",
                "Transfers", "TestSupport", collections, crypto,
            ],
            path: "Tests/Fuzz",
            swiftSettings: swift
        ),
        .testTarget(name: "FuzzTests", dependencies: ["Fuzz", "TestSupport"], swiftSettings: swift),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["stillhouse", "Recipes", "Transfers", "Telemetry", "TestSupport", collections],
            swiftSettings: swift
        ),
    ]
)
