// swift-tools-version: 6.2
import PackageDescription

/// A parser that reads what strangers send, and the product that it is in.
///
/// Each is a program of libFuzzer's from one file in Targets/NAME, which begins with the inputs of
/// seeds.py. A new one is a line here, a file and an entry there.
let targets = [
    (name: "JSON", product: "JSON"),
    (name: "Frames", product: "WebServer"),
    (name: "Deflate", product: "WebServer"),
    (name: "Multipart", product: "WebServer"),
    (name: "SDP", product: "RealtimeSimulator"),
    (name: "Peek", product: "SessionBroker"),
]

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "session-broker", path: "..")],
    targets: targets.map { target in
        .executableTarget(
            name: "fuzz-\(target.name)",
            dependencies: Set([target.product, "JSON"]).sorted().map {
                .product(name: $0, package: "session-broker")
            },
            path: "Targets/\(target.name)",
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]
        )
    }
)
