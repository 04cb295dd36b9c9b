import Testing

@testable import ContextStore

@Suite struct FactHistoryTests {
    private func record(
        _ pk: Int64,
        _ value: String,
        from: Int64?,
        to: Int64? = nil,
        endedAt: Int64? = nil,
        kind: String = "place",
        isSingle: Bool = true,
        source: Fact.Source = .embedded,
        by message: Int64? = nil
    ) -> FactRecord {
        FactRecord(
            pk: pk,
            id: FactID(number: UInt128(pk)),
            kind: kind,
            key: "",
            value: value,
            text: "Lives in \(value)",
            isSingle: isSingle,
            source: source,
            createdAt: Timestamp(milliseconds: 0),
            heldFrom: from.map(Timestamp.init(milliseconds:)),
            heldTo: (to ?? from).map(Timestamp.init(milliseconds:)),
            endedAt: endedAt.map(Timestamp.init(milliseconds:)),
            heldBy: message ?? pk
        )
    }

    private func ends(_ records: FactRecord...) -> [Int64: Int64] {
        FactHistory.ends(of: records).mapValues(\.milliseconds)
    }

    @Test func `a newer value takes the place of an older one`() {
        #expect(ends(record(1, "Lyon", from: 10), record(2, "Oslo", from: 20)) == [1: 20])
        #expect(ends(record(1, "Lyon", from: 30), record(2, "Oslo", from: 20)) == [2: 30])
    }

    @Test func `a value that is said again holds again`() {
        #expect(
            ends(record(1, "Lyon", from: 10, to: 40), record(2, "Oslo", from: 20, to: 30))
                == [2: 40]
        )
    }

    @Test func `of values said at one moment the one stored later holds`() {
        #expect(ends(record(1, "Lyon", from: 10), record(2, "Oslo", from: 10)) == [1: 10])
    }

    @Test func `values of which there may be several hold together`() {
        let tea = record(1, "tea", from: 10, kind: "preference", isSingle: false)
        let jazz = record(2, "jazz", from: 20, kind: "preference", isSingle: false)
        #expect(ends(tea, jazz) == [:])
    }

    @Test func `what is said to be over is over, until it is said again`() {
        #expect(ends(record(1, "Lyon", from: 10, endedAt: 30)) == [1: 30])
        #expect(ends(record(1, "Lyon", from: nil, endedAt: 30)) == [1: 30])
        #expect(ends(record(1, "Lyon", from: 10, to: 50, endedAt: 30)) == [:])
    }

    @Test func `an older value held until the newer one was first said`() {
        #expect(ends(record(1, "Lyon", from: 10), record(2, "Oslo", from: 20, to: 90)) == [1: 20])
    }

    @Test func `values of one message hold together`() {
        let student = record(1, "student", from: 10, by: 7)
        let barista = record(2, "barista", from: 10, by: 7)
        #expect(ends(student, barista) == [:])
        #expect(ends(student, barista, record(3, "nurse", from: 20)) == [1: 20, 2: 20])
    }

    @Test func `what a model found and what the engine found do not end each other`() {
        let nurse = record(1, "nurse", from: 10)
        let longer = record(2, "nurse at Acme", from: 10, source: .model)
        #expect(ends(nurse, longer) == [:])
        let baker = record(3, "baker", from: 20, source: .model)
        #expect(ends(nurse, longer, baker) == [2: 20])
    }
}
