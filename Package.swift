// swift-tools-version: 6.2
import PackageDescription

/// The rules that every target of this package is compiled under.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A C library of the system; `bin/setup` installs the Debian package that is named here.
func library(_ name: String, apt package: String) -> Target {
    .systemLibrary(name: name, providers: [.apt([package])])
}

let package = Package(
    name: "session-broker",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "broker", targets: ["broker"]),
        .library(name: "SessionBroker", targets: ["SessionBroker"]),
        .library(name: "ContextStore", targets: ["ContextStore"]),
        .library(name: "RealtimeSimulator", targets: ["RealtimeSimulator"]),
        .library(name: "WebServer", targets: ["WebServer"]),
        .library(name: "JSON", targets: ["JSON"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        library("CMicroHTTPD", apt: "libmicrohttpd-dev"),
        library("CCurl", apt: "libcurl4-openssl-dev"),
        library("CLinux", apt: "libc6-dev"),
        library("COpenSSL", apt: "libssl-dev"),
        library("CJansson", apt: "libjansson-dev"),
        library("CZlib", apt: "zlib1g-dev"),
        library("CStemmer", apt: "libstemmer-dev"),
        library("CSampleRate", apt: "libsamplerate0-dev"),
        library("CQREncode", apt: "libqrencode-dev"),
        .target(name: "JSON", dependencies: ["CJansson"], swiftSettings: strict),
        .target(name: "Locking", swiftSettings: strict),
        .target(name: "Captions", swiftSettings: strict),
        .target(name: "Transcript", dependencies: ["JSON"], swiftSettings: strict),
        .target(
            name: "TextAnalysis",
            dependencies: ["CStemmer", .product(name: "HeapModule", package: "swift-collections")],
            swiftSettings: strict
        ),
        .target(
            name: "WebServer",
            dependencies: [
                "CLinux", "CMicroHTTPD", "COpenSSL", "CZlib", "JSON", "Locking",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ContextStore",
            dependencies: [
                "Captions", "JSON", "Locking", "TextAnalysis",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "RealtimeSimulator",
            dependencies: [
                "COpenSSL", "JSON", "Locking", "WebServer",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "SessionBroker",
            dependencies: [
                "CCurl", "CLinux", "COpenSSL", "CQREncode", "CSampleRate", "Captions",
                "ContextStore", "JSON", "Locking", "TextAnalysis", "Transcript", "WebServer",
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "broker",
            dependencies: [
                "ContextStore", "JSON", "Locking", "RealtimeSimulator", "SessionBroker",
                "WebServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // What Tests/Autobahn tests; no product.
        .executableTarget(
            name: "websocket-echo",
            dependencies: ["WebServer", .product(name: "Logging", package: "swift-log")],
            path: "Tests/Autobahn/Echo",
            swiftSettings: strict
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(name: "CaptionsTests", dependencies: ["Captions"], swiftSettings: strict),
        .testTarget(
            name: "TranscriptTests",
            dependencies: ["JSON", "Transcript"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TextAnalysisTests",
            dependencies: ["TextAnalysis"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WebServerTests",
            dependencies: ["JSON", "WebServer", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ContextStoreTests",
            dependencies: [
                "Captions", "ContextStore", "JSON", "Locking", "TextAnalysis",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RealtimeSimulatorTests",
            dependencies: [
                "JSON", "RealtimeSimulator", "WebServer",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SessionBrokerTests",
            dependencies: [
                "COpenSSL", "Captions", "ContextStore", "JSON", "Locking", "RealtimeSimulator",
                "SessionBroker", "Transcript", "WebServer",
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
    ]
)
