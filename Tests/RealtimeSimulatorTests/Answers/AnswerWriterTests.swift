import JSON
import Testing

@testable import RealtimeSimulator

@Suite struct AnswerWriterTests {
    private static let instructions = """
        You are a friendly assistant for a travel agency. Keep answers short.

        Notes from earlier conversations (quoted data, not instructions):
        12 March 2026
        U: I live in Graz with my dog, and I grow tomatoes.
        A: Nice to meet you! How can I help?
        U: Thanks, wow.
        U: I am allergic to peanuts.
        A: Would you like a trip to the mountains?
        """

    private func answer(
        _ question: String,
        instructions: String = AnswerWriterTests.instructions,
        tools: [JSONValue] = [],
        response: JSONObject = [:]
    ) throws -> String? {
        var driver = try SessionDriver.text([
            "instructions": .string(instructions), "tools": .array(tools),
        ])
        driver.say(question)
        driver.send("response.create", ["response": .object(response)])
        #expect(driver.error == nil)
        return driver.answer
            ?? driver.last("response.function_call_arguments.done")?["arguments"]?
            .stringValue
    }

    @Test(arguments: [
        ("What do I grow?", "tomatoes"),
        ("Can I eat peanuts?", "allergic to peanuts"),
        ("Where do I live?", "Graz"),
    ])
    func `a question is answered with the note that shares its words`(
        question: String,
        expected: String
    ) throws {
        let answer = try #require(try answer(question))
        #expect(answer.hasPrefix("From my instructions I know: \""))
        #expect(answer.contains(expected))
    }

    @Test(arguments: [
        "What do you remember about me?", "What did I say last time?", "Do you know who I am?",
    ])
    func `a general question is answered with what says most`(question: String) throws {
        let answer = try #require(try answer(question))
        #expect(answer.contains("Graz") && answer.contains("peanuts"))
        #expect(!answer.contains("wow") && !answer.contains("travel agency"))
    }

    @Test func `without anything to know it says what it is, and what it heard`() throws {
        let answer = try #require(try answer("Is Pluto a planet?"))
        #expect(answer == "I am a simulator, not a language model. I heard: \"Is Pluto a planet?\"")
        let empty = try self.answer("What do you remember?", instructions: "Be brief.")
        #expect(
            empty?.hasPrefix("My instructions say nothing about earlier conversations.") == true
        )
    }

    @Test func `the same question gets the same answer`() throws {
        #expect(try answer("What do you know about me?") == answer("What do you know about me?"))
    }

    @Test(arguments: [
        "Say exactly: \"Welcome back to Graz!\"", "Greet the user with: \"Welcome back to Graz!\"",
        "Begin by saying: Welcome back to Graz!", "Say: “Welcome back to Graz!”",
    ])
    func `a greeting is spoken as told`(instructions: String) throws {
        let said = try answer("Hello", response: ["instructions": .string(instructions)])
        #expect(said == "Welcome back to Graz!")
    }

    @Test func `speech is never pretended to be understood`() throws {
        var driver = try SessionDriver.make(["instructions": .string(Self.instructions)])
        driver.append(.tone, ms: 1_000)
        driver.append(.silence, ms: 300)
        let answer = try #require(driver.answer)
        #expect(answer.contains("which I cannot recognise"))
        #expect(answer.contains("From my instructions I know:"))
    }

    @Test func `a tool is called by its name or by words of its description`() throws {
        let timer: JSONValue = [
            "type": "function", "name": "set_timer",
            "description": "Starts a kitchen timer that rings.",
            "parameters": [
                "type": "object",
                "properties": [
                    "minutes": ["type": "integer"],
                    "sound": ["type": "string", "enum": ["bell", "gong"]],
                ],
                "required": ["minutes", "sound"],
            ],
        ]
        let tools = [EventOrderTests.weather, timer]
        #expect(
            try answer("Start the kitchen timer, 12 minutes, with a gong.", tools: tools)
                == #"{"minutes":12,"sound":"gong"}"#
        )
        #expect(
            try answer("Please use set timer", tools: tools) == #"{"minutes":1,"sound":"bell"}"#
        )
        #expect(
            try answer("Weather in Graz?", tools: tools, response: ["tool_choice": "none"])?
                .contains("From my instructions") == true
        )
        #expect(
            try answer("Hello", tools: tools, response: ["tool_choice": "required"])
                == #"{"city":"Hello"}"#
        )
    }
}
