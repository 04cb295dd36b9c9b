internal import JSON

extension RealtimeEventReader {
    /// How long a piece of an answer's audio lasts, from the length of its base64 text.
    ///
    /// A relay that does not decode audio can tell it from the size of a frame. 0 as long as no
    /// session said in which format the provider speaks.
    public func milliseconds(ofOutputAudio base64Count: Int) -> Int {
        guard let bytesPerSecond = outputBytesPerSecond, bytesPerSecond > 0 else { return 0 }
        let bytes = Double(base64Count) * 3 / 4
        return Int(bytes * 1_000 / Double(bytesPerSecond))
    }

    /// Bytes of audio in a second, where a session tells its format; the second name is the beta's.
    static func outputBytesPerSecond(of session: JSONValue) -> Int? {
        let format = session["audio"]?["output"]?["format"] ?? session["output_audio_format"]
        switch format?["type"]?.stringValue ?? format?.stringValue {
        case "audio/pcm", "pcm16":
            let rate = format?["rate"]?.integerValue ?? 24_000
            // Samples of two bytes; rates that nobody plays are damage.
            return (4_000...192_000).contains(rate) ? Int(rate) * 2 : nil
        case "audio/pcmu", "audio/pcma", "g711_ulaw", "g711_alaw": return 8_000
        default: return nil
        }
    }
}
