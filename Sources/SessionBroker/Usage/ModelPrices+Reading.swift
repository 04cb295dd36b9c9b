internal import JSON

extension ModelPrices {
    private static let range = 0.0...1_000_000

    /// These prices with those of a file over them: a model's take the place of all that it has
    /// here, and null takes them away.
    ///
    /// - Parameter bytes: JSON such as `{"a-model": {"input_text": 4, "minute": 0.017}}`, in dollars
    ///   per million tokens and per minute.
    /// - Returns: Both together.
    /// - Throws: `JSONError` naming the first member that is wrong.
    func merging(_ bytes: [UInt8]) throws(JSONError) -> ModelPrices {
        var merged = self
        var reader = try JSONReader(of: JSONValue(parsing: bytes))
        for (model, _) in reader.object.members {
            merged.byModel[model] = try reader.reader(model).map { (prices) throws(JSONError) in
                try Self.price(prices)
            }
        }
        return merged
    }

    private static func price(_ reader: JSONReader) throws(JSONError) -> ModelPrice {
        var reader = reader
        let price = ModelPrice(
            inputText: try amount(&reader, "input_text"),
            inputAudio: try amount(&reader, "input_audio"),
            inputImage: try amount(&reader, "input_image"),
            cachedText: try amount(&reader, "cached_text"),
            cachedAudio: try amount(&reader, "cached_audio"),
            cachedImage: try amount(&reader, "cached_image"),
            outputText: try amount(&reader, "output_text"),
            outputAudio: try amount(&reader, "output_audio"),
            minute: try amount(&reader, "minute")
        )
        try reader.finish()
        return price
    }

    private static func amount(
        _ reader: inout JSONReader,
        _ key: String
    ) throws(JSONError) -> Int64? {
        guard let amount = try reader.double(key) else { return nil }
        guard range.contains(amount) else {
            throw reader.error("invalid_value", "'\(reader.param(key))' is no price.", key)
        }
        return dollars(amount)
    }
}
