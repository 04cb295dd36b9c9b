extension Set where Element == String {
    /// The words of a text that has spaces or line breaks between them.
    init(words text: String) {
        self.init(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }
}
