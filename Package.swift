// swift-tools-version: 6.0
import PackageDescription

// The bridge tests start a CPython inside the test process and therefore link libpython
// (Debian: libpython3-dev). MARTLET_NO_EMBED_TESTS leaves them out where it is missing.
let embedTests = Context.environment["MARTLET_NO_EMBED_TESTS"] == nil

// Warnings are errors in this package; dependencies keep their own rules.
let strict: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"])]
let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "martlet",
    products: [
        // lib_engine.so becomes martlet/_engine.abi3.so in the wheel
        .library(name: "_engine", type: .dynamic, targets: ["EngineExtension"]),
        .executable(name: "martlet", targets: ["martlet"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Nouns and decisions: no clock, disk, process, network or Python.
        library("MartletModel"),
        library("MartletEngine", ["MartletModel"]),

        // What the engine needs of the world, and the one place that touches the operating system.
        library("MartletPorts", ["MartletModel"]),
        // CSystem: the calls that Swift cannot see.
        .target(name: "CSystem"),
        library("MartletSystem", ["CSystem", "MartletModel"]),

        // Adapters: each knows one outside thing.
        // CCurl, CExpat: libcurl and libexpat, loaded when they are first needed; no headers of theirs to build.
        .target(name: "CCurl", cSettings: strictC),
        .target(name: "CExpat", cSettings: strictC),
        library("MartletStorage", ["CCurl", "CExpat", "MartletPorts", "MartletSystem", "MartletModel"]),
        library("MartletBatch", ["MartletPorts", "MartletSystem", "MartletModel"]),
        library("MartletSandbox", ["MartletPorts", "MartletSystem", "MartletModel"]),
        // CSQLite: the index of the records; the static library of libsqlite3-dev.
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        library("MartletRecords", ["CSQLite", "MartletPorts", "MartletSystem", "MartletModel"]),

        // The loop that carries the engine's actions out, and the one file that joins it to the adapters.
        library("MartletRuntime", ["MartletEngine", "MartletPorts", "MartletSystem", "MartletModel"]),
        library("MartletAssembly", [
            "MartletRuntime", "MartletPorts", "MartletStorage", "MartletBatch", "MartletSandbox", "MartletRecords",
            "MartletSystem", "MartletModel",
        ]),

        // The door to Python. pyabi.h is a hand-kept subset of the stable ABI: no Python headers needed.
        .target(name: "CPyShim", cSettings: strictC),
        // What the C library of the oldest supported systems lacks.
        .target(name: "GlibcFloor", cSettings: strictC),
        library("MartletBridge", [
            "CPyShim", "MartletAssembly", "MartletRuntime", "MartletEngine", "MartletStorage", "MartletPorts",
            "MartletModel", "MartletSystem",
        ]),
        .target(
            name: "EngineExtension", dependencies: ["MartletBridge", "CPyShim", "GlibcFloor"],
            exclude: ["exports.map"], swiftSettings: strict,
            linkerSettings: [
                // one file carries the link flags, so they touch neither the executable nor the tests
                .unsafeFlags(
                    [
                        "-static-stdlib",
                        "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/EngineExtension/exports.map",
                        "-Xlinker", "--gc-sections",
                        // a forked process that shares none of the loader's memory cannot look symbols up: see relay.c
                        "-Xlinker", "-z", "-Xlinker", "now",
                    ], .when(platforms: [.linux])),
            ]),

        // The executable.
        library("MartletCLI", [
            "MartletAssembly", "MartletRuntime", "MartletRecords", "MartletPorts", "MartletSystem", "MartletModel",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
        .executableTarget(name: "martlet", dependencies: ["MartletCLI", "GlibcFloor"], swiftSettings: strict),

        // Fakes that lie, lose and delay; contract suites; the simulator.
        library("MartletTesting", [
            "MartletRuntime", "MartletEngine", "MartletStorage", "MartletPorts", "MartletSystem", "MartletModel",
        ]),

        // Histories of the engine from seeds: `make simulate`. In no product.
        .executableTarget(
            name: "simulate", dependencies: ["MartletTesting", "MartletRecords", "MartletSystem", "MartletModel"],
            swiftSettings: strict),

        // What every store must do, played on one of them by the tests. In no product.
        .executableTarget(
            name: "contract",
            dependencies: [
                "MartletTesting", "MartletAssembly", "MartletStorage", "MartletPorts", "MartletSystem", "MartletModel",
                "GlibcFloor",
            ], swiftSettings: strict),

        tests("MartletModelTests", ["MartletModel"]),
        tests("MartletEngineTests", ["MartletEngine", "MartletModel", "MartletTesting"]),
        tests("MartletSystemTests", ["MartletSystem", "MartletModel", "MartletTesting"]),
        tests("MartletStorageTests", [
            "MartletStorage", "MartletPorts", "MartletModel", "MartletSystem", "MartletTesting",
        ]),
        // Recorded: what real commands of batch systems have printed.
        tests(
            "MartletBatchTests", ["MartletBatch", "MartletPorts", "MartletModel", "MartletSystem", "MartletTesting"],
            exclude: ["Recorded"]),
        tests("MartletSandboxTests", [
            "MartletSandbox", "MartletPorts", "MartletModel", "MartletSystem", "MartletTesting",
        ]),
        tests("MartletRecordsTests", [
            "MartletRecords", "MartletStorage", "MartletPorts", "MartletModel", "MartletSystem", "MartletTesting",
        ]),
        tests("MartletRuntimeTests", [
            "MartletRuntime", "MartletEngine", "MartletPorts", "MartletModel", "MartletSystem", "MartletTesting",
        ]),
        tests("MartletCLITests", [
            "MartletCLI", "MartletAssembly", "MartletBatch", "MartletPorts", "MartletRecords", "MartletRuntime", "MartletSystem",
            "MartletModel",
        ]),
    ] + (embedTests ? [
        .systemLibrary(name: "CPythonEmbed", pkgConfig: "python3-embed", providers: [.apt(["libpython3-dev"])]),
        .testTarget(
            name: "MartletBridgeTests", dependencies: ["MartletBridge", "CPyShim", "CPythonEmbed"],
            swiftSettings: strict),
    ] : []),
    swiftLanguageModes: [.v6]
)
