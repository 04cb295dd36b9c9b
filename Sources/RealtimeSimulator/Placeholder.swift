public import Logging
public struct SimulatorScript: Sendable { public init(contentsOf: String) throws {} }
public final class RealtimeSimulator: Sendable {
    public struct Configuration: Sendable {
        public var host = "", port: UInt16 = 0, apiKey = "sk-sim";
        public var script: SimulatorScript?; public init() {}
    }
    public init(configuration: Configuration, logger: Logger) {}
    public func start() async throws -> String { "http://127.0.0.1:1/v1" }
    public func stop() async {}
}
