internal import CQREncode

/// A QR code (ISO/IEC 18004), made by libqrencode.
struct QRCode: Equatable {
    /// Modules along a side.
    let width: Int
    /// Row by row, whether each module is dark.
    let modules: [Bool]

    /// What readers need around it (ISO/IEC 18004, 6.3.8), in modules.
    private static let quietZone = 4

    /// A code that holds a text; nil for one that is too long, or has U+0000.
    init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        // A quarter of a medium code may be covered: it is read off screens and slides.
        let made = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M)
        guard let made else { return nil }
        defer { QRcode_free(made) }
        width = Int(made.pointee.width)
        let bytes = UnsafeBufferPointer(start: made.pointee.data, count: width * width)
        // The lowest bit is the colour; the others say what a module is for.
        modules = bytes.map { $0 & 1 == 1 }
    }

    /// The code as an SVG image of one path: dark on white, whatever is around it.
    var svg: String {
        let side = width + 2 * Self.quietZone
        var path = ""
        for row in 0..<width {
            for run in darkRuns(row) {
                path += "M\(run.lowerBound + Self.quietZone) \(row + Self.quietZone)h\(run.count)v1"
                path += "h-\(run.count)z"
            }
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" \
            shape-rendering="crispEdges"><path fill="#fff" d="M0 0h\(side)v\(side)H0z"/>\
            <path d="\(path)"/></svg>
            """
    }

    private func darkRuns(_ row: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for column in 0..<width where modules[row * width + column] {
            if let last = runs.last, last.upperBound == column {
                runs[runs.count - 1] = last.lowerBound..<column + 1
            } else {
                runs.append(column..<column + 1)
            }
        }
        return runs
    }
}
