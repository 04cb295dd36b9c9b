import GRDB
import TextAnalysis
import Testing

@testable import ContextStore

@Suite struct ExtractiveSummarizerTests {
    /// The summary of what a user said in a conversation.
    private func summary(of texts: String...) async throws -> String {
        let store = try ContextStore.make()
        let user = store.user()
        let id = try await user.makeConversation()
        _ = try await user.append(texts.map { .make($0) }, to: id)
        let keeper = SummaryKeeper(store: store, logger: .silent)
        return try await keeper.summarize(id, of: user)?.text ?? ""
    }

    @Test(arguments: [
        "เมื่อวานฉันไปหาหมอที่โรงพยาบาลใหญ่ในเชียงใหม่เพราะเข่าของฉันเจ็บมาสองสัปดาห์แล้ว",
        "मैं कल अस्पताल गया था। डॉक्टर ने आराम करने को कहा।",
        "ذهبت أمس إلى الطبيب في المستشفى الكبير لأن ركبتي تؤلمني منذ أسبوعين",
        "so I went to the doctor yesterday about my knee and then we talked about the lake",
    ])
    func `a long message without a full stop is summed up`(_ text: String) async throws {
        let long = Array(repeating: text, count: 12).joined(separator: " ")
        let summary = try await summary(of: long)
        #expect(summary.hasPrefix(text.prefix(30)))
        #expect(TokenEstimate.tokens(in: summary) <= 300)
    }

    @Test func `sentences of scripts without spaces are told apart`() async throws {
        let text = try await summary(of: "猫が二匹います。好き？好。", "ဟုတ်ကဲ့။ ကျွန်တော် ရန်ကုန်မှာ နေပါတယ်။")
        #expect(text.hasPrefix("猫が二匹います。"))
        #expect(text.hasSuffix("ကျွန်တော် ရန်ကုန်မှာ နေပါတယ်။"))
        #expect(!text.contains("好。"))
    }

    @Test func `a summary by a model stays when the rules of embedded ones change`() async throws {
        let store = try ContextStore.make()
        let user = store.user()
        let id = try await user.makeConversation()
        _ = try await user.append(.make("I am in Lyon now."), to: id)
        let keeper = SummaryKeeper(store: store, logger: .silent)
        try await keeper.catchUp()
        let other = try await user.makeConversation()
        _ = try await user.append(.make("I am in Lyon now."), to: other)
        try await keeper.catchUp()
        let changes = "text = 'old', version = 1"
        try await store.database.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE summaries SET \(changes)")
            try db.execute(sql: "UPDATE summaries SET source = 'model' WHERE pk = 1")
        }
        #expect(try await keeper.summarize(id, of: user)?.text == "old")
        #expect(try await keeper.summarize(other, of: user)?.text == "I am in Lyon now.")
    }
}
