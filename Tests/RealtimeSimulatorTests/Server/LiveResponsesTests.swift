import JSON
import Testing

@testable import RealtimeSimulator

/// The simulator's language model over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct LiveResponsesTests {
    @Test func `an answer has upstream's shape, and says that it is simulated`() async throws {
        try await withSimulator { address in
            let answer = try await post(
                address.baseURL + "/responses",
                [
                    "model": "gpt-x", "instructions": "Be brief.", "store": false,
                    "metadata": ["a": "b"], "reasoning": ["effort": "low"],
                    "input": [
                        ["role": "developer", "content": "Listen."],
                        [
                            "type": "message", "role": "user",
                            "content": [
                                ["type": "input_text", "text": "My name is Ida and I like Graz."]
                            ],
                        ],
                    ],
                ]
            )
            #expect(answer.status == 200)
            #expect(
                answer.body.objectValue?.members.map(\.key) == [
                    "id", "object", "created_at", "status", "background", "error",
                    "incomplete_details", "instructions", "max_output_tokens", "model", "output",
                    "parallel_tool_calls", "previous_response_id", "reasoning",
                    "safety_identifier", "store", "temperature", "text", "tool_choice", "tools",
                    "top_p", "truncation", "usage", "user", "metadata",
                ]
            )
            #expect(answer.body["model"] == "gpt-x (simulated)")
            #expect(answer.body["metadata"] == ["a": "b", "simulated": "true"])
            #expect(answer.body["store"] == false)
            let part = answer.body["output"]?.arrayValue?.first?["content"]?.arrayValue?.first
            #expect(part?["type"] == "output_text")
            #expect(part?["text"]?.stringValue?.contains("My name is Ida") == true)
            let usage = answer.body["usage"]
            let sum = ["input_tokens", "output_tokens"].compactMap { usage?[$0]?.integerValue }
            #expect(usage?["total_tokens"]?.integerValue == sum.reduce(0, +) && sum.count == 2)
        }
    }

    @Test func `bad questions are refused in upstream's form`() async throws {
        try await withSimulator { address in
            let url = address.baseURL + "/responses"
            let open: JSONValue = ["type": "object", "properties": [:], "required": []]
            let cases: [(JSONValue, String, String)] = [
                (["input": "Hi"], "missing_required_parameter", "model"),
                (["model": "m"], "missing_required_parameter", "input"),
                (["model": "m", "input": 7], "invalid_type", "input"),
                (["model": "m", "input": "Hi", "tools": [[:]]], "unknown_parameter", "tools"),
                (["model": "m", "input": "Hi", "stream": true], "unsupported_value", "stream"),
                (
                    ["model": "m", "input": "Hi", "max_output_tokens": 15],
                    "integer_below_min_value", "max_output_tokens"
                ),
                (["model": "m", "input": [["role": "x"]]], "invalid_value", "input[0].role"),
                (
                    ["model": "m", "input": [["role": "user", "content": [["type": "image"]]]]],
                    "invalid_value", "input[0].content[0].type"
                ),
                (
                    [
                        "model": "m", "input": "Hi",
                        "text": [
                            "format": ["type": "json_schema", "name": "n", "schema": open]
                        ],
                    ],
                    "invalid_json_schema", "text.format.schema"
                ),
            ]
            for (body, code, param) in cases {
                let refused = try await post(url, body)
                #expect(refused.status == 400)
                let error = refused.body["error"]?.objectValue
                #expect(error?.members.map(\.key) == ["message", "type", "param", "code"])
                #expect(error?["code"] == .string(code))
                #expect(error?["param"] == .string(param))
            }
            let body: JSONValue = ["model": "m", "input": "Hi"]
            #expect(try await post(url, key: "sk-wrong", body).status == 401)
            #expect(try await post(url, key: "ek_minted", body).status == 401)
            #expect(try await post(url, key: nil, body).body["error"]?["code"] == .null)
        }
    }

    @Test func `a script decides the next answers, and then no more`() async throws {
        let script: JSONValue = [
            "http": [["path": "/v1/responses", "status": 429, "headers": ["Retry-After": "3"]]],
            "responses": [
                ["refusal": "I will not."], ["times": 2, "text": "{"],
                ["incomplete": "content_filter", "text": "I li"], ["error": ["code": "down"]],
            ],
        ]
        try await withSimulator({ $0.scenario = try Scenario(script) }) { address in
            func ask() async throws -> (status: Int, headers: [String: String], body: JSONValue) {
                try await post(address.baseURL + "/responses", ["model": "m", "input": "Hi"])
            }
            func part(_ body: JSONValue) -> JSONValue? {
                body["output"]?.arrayValue?.first?["content"]?.arrayValue?.first
            }
            #expect(try await ask().headers["retry-after"] == "3")
            let refusal = try await ask().body
            #expect(part(refusal) == ["type": "refusal", "refusal": "I will not."])
            #expect(refusal["status"] == "completed")
            for _ in 0..<2 { #expect(part(try await ask().body)?["text"] == "{") }
            let cut = try await ask().body
            #expect(cut["status"] == "incomplete" && part(cut)?["text"] == "I li")
            #expect(cut["incomplete_details"] == ["reason": "content_filter"])
            let failed = try await ask().body
            #expect(failed["status"] == "failed" && failed["output"] == [])
            #expect(failed["error"]?["code"] == "down")
            #expect(try await ask().body["status"] == "completed")
        }
    }

    @Test(
        arguments: [
            [:], ["text": "a", "refusal": "b"], ["refusal": "b", "error": [:]], ["speak": "a"],
        ] as [JSONValue]
    )
    func `a scripted answer is of one kind`(_ entry: JSONValue) {
        #expect(throws: JSONError.self) { try Scenario(["responses": [entry]]) }
    }
}
