import Testing

@testable import WebServer

@Suite struct FrameHeaderTests {
    private static let rules = FrameHeader.Rules(isMasked: false, mayBeCompressed: true)
    private static let maskedRules = FrameHeader.Rules(isMasked: true, mayBeCompressed: true)

    private func bytes(_ header: FrameHeader) -> [UInt8] {
        var bytes: [UInt8] = []
        header.write { bytes.append($0) }
        return bytes
    }

    @Test(
        arguments: [0, 125, 126, 0xFFFF, 0x1_0000, .max] as [Int],
        [nil, FrameMask(key: 0x0403_0201)]
    )
    func `what is written is read the same, once it is whole`(length: Int, mask: FrameMask?) {
        let header = FrameHeader(
            opcode: .text,
            isFinal: true,
            isCompressed: true,
            length: length,
            mask: mask
        )
        let written = bytes(header)
        let rules = mask == nil ? Self.rules : Self.maskedRules
        #expect(written.count <= FrameHeader.maximumCount)
        for count in 0..<written.count {
            let reading = Array(written.prefix(count)).withUnsafeBytes {
                FrameHeader.read($0, by: rules)
            }
            #expect(reading == .incomplete)
        }
        let reading = (written + [1, 2, 3]).withUnsafeBytes { FrameHeader.read($0, by: rules) }
        #expect(reading == .whole(header, byteCount: written.count))
    }

    @Test func `a rule is broken as soon as two bytes tell so`() {
        for damaged: [UInt8] in [[0x83, 0xFF], [0xA1, 0xFF], [0x81, 0x7F], [0x89, 0xFE]] {
            let reading = damaged.withUnsafeBytes { FrameHeader.read($0, by: Self.maskedRules) }
            #expect(reading == .damaged)
        }
    }

    @Test func `a piece is masked as its place in the frame says`() {
        let mask = FrameMask(key: 0x0403_0201)
        let key: [UInt8] = [1, 2, 3, 4]
        for offset in 0..<9 {
            for count in 0..<40 {
                var piece = [UInt8](repeating: 0x60, count: count)
                piece.withUnsafeMutableBytes { mask.apply(to: $0, at: offset) }
                #expect(piece == (0..<count).map { 0x60 ^ key[(offset + $0) % 4] })
            }
        }
    }

    @Test func `masks differ`() {
        var masks = FrameMasks()
        let some = (0..<100).map { _ in bytes(header(masks.next())) }
        #expect(Set(some).count > 98)
    }

    private func header(_ mask: FrameMask) -> FrameHeader {
        FrameHeader(opcode: .ping, isFinal: true, isCompressed: false, length: 0, mask: mask)
    }
}
