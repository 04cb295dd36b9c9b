import JSON
import Testing

@testable import RealtimeSimulator

@Suite struct StrictSchemaTests {
    @Test func `a closed object whose members are all required passes`() {
        let schema: JSONObject = [
            "type": "object", "additionalProperties": false, "required": ["a", "b"],
            "properties": [
                "a": ["type": ["string", "null"], "enum": ["x", .null]],
                "b": ["type": "array", "items": ["anyOf": [["type": "integer"], Self.empty]]],
            ],
        ]
        #expect(StrictSchema.problem(in: schema) == nil)
    }

    @Test(arguments: broken)
    func `what breaks a rule is named with its place`(_ schema: JSONObject, _ problem: String) {
        #expect(StrictSchema.problem(in: schema)?.hasPrefix(problem) == true)
    }

    private static let broken: [(JSONObject, String)] = [
        (["type": "array", "items": ["type": "string"]], "schema must be"),
        (["type": "object", "required": []], "In context=(), 'additionalProperties'"),
        (object(["type": "string"], required: []), "In context=(), 'required'"),
        (object(["type": "string"], required: ["a", "b"]), "In context=(), 'required'"),
        (object(["type": "array"]), "In context=('properties', 'a'), array is missing"),
        (object(["type": "text"]), "In context=('properties', 'a'), schema must have"),
        (object([:]), "In context=('properties', 'a'), schema must have"),
        (object(["allOf": []]), "In context=('properties', 'a'), 'allOf'"),
        (object(["$ref": "#"]), "In context=('properties', 'a'), the simulator"),
        (object(["anyOf": []]), "In context=('properties', 'a'), 'anyOf'"),
        (
            object(["type": "array", "items": ["type": "object"]]),
            "In context=('properties', 'a', 'items'), 'additionalProperties'"
        ),
        (nested(depth: 12), "In context=("),
    ]

    private static let empty: JSONValue = [
        "type": "object", "additionalProperties": false, "required": [], "properties": [:],
    ]

    private static func object(
        _ property: JSONValue,
        required: JSONValue = ["a"]
    ) -> JSONObject {
        [
            "type": "object", "additionalProperties": false, "required": required,
            "properties": ["a": property],
        ]
    }

    private static func nested(depth: Int) -> JSONObject {
        (0..<depth).reduce(object(["type": "string"])) { inner, _ in object(.object(inner)) }
    }
}
