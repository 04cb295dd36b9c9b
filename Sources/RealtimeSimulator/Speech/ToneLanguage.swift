internal import Glibc

/// A made-up spoken language for tests: each word of a small dictionary is a tone of its own pitch.
///
/// It lets transcription and translation sessions hear every word, whatever audio they get and from
/// where on: what was lost or came twice can be told word by word. Pitches survive resampling.
enum ToneLanguage {
    /// The pitch of the first word, and how far the next one is.
    static let firstPitch = 400
    static let pitchStep = 100

    /// The whole dictionary: English, Spanish, German, French.
    static let words: [(en: String, es: String, de: String, fr: String)] = [
        ("hello", "hola", "hallo", "bonjour"), ("everybody", "todos", "alle", "tous"),
        ("welcome", "bienvenidos", "willkommen", "bienvenue"), ("to", "a", "zu", "à"),
        ("the", "la", "die", "la"), ("city", "ciudad", "Stadt", "ville"),
        ("we", "nosotros", "wir", "nous"), ("speak", "hablamos", "sprechen", "parlons"),
        ("about", "sobre", "über", "sur"), ("water", "agua", "Wasser", "eau"),
        ("and", "y", "und", "et"), ("light", "luz", "Licht", "lumière"),
        ("today", "hoy", "heute", "aujourd’hui"), ("tomorrow", "mañana", "morgen", "demain"),
        ("river", "río", "Fluss", "rivière"), ("is", "es", "ist", "est"),
        ("green", "verde", "grün", "vert"), ("cold", "fría", "kalt", "froide"),
        ("bridge", "puente", "Brücke", "pont"), ("old", "viejo", "alt", "vieux"),
        ("one", "uno", "eins", "un"), ("two", "dos", "zwei", "deux"),
        ("three", "tres", "drei", "trois"), ("four", "cuatro", "vier", "quatre"),
        ("five", "cinco", "fünf", "cinq"), ("six", "seis", "sechs", "six"),
        ("seven", "siete", "sieben", "sept"), ("eight", "ocho", "acht", "huit"),
        ("nine", "nueve", "neun", "neuf"), ("ten", "diez", "zehn", "dix"),
        ("thank", "gracias", "danke", "merci"), ("you", "ustedes", "euch", "vous"),
    ]

    /// The word that a pitch stands for; nil for none.
    static func word(pitch: Int) -> Int? {
        let (index, rest) = (pitch - firstPitch + pitchStep / 2)
            .quotientAndRemainder(dividingBy: pitchStep)
        // Halfway between two words is neither.
        guard words.indices.contains(index), abs(rest - pitchStep / 2) <= 35 else { return nil }
        return index
    }

    /// A word in a language; one that the dictionary does not have is marked with the language.
    static func text(_ word: Int, in language: String) -> String {
        let entry = words[word]
        return switch language.prefix(2) {
        case "en": entry.en
        case "es": entry.es
        case "de": entry.de
        case "fr": entry.fr
        default: "\(language):\(entry.en)"
        }
    }

    /// A word as it sounds, at 24 kHz.
    static func samples(of word: Int, ms: Int) -> [Int16] {
        let step = 2 * Double.pi * Double(firstPitch + pitchStep * word) / 24_000
        return (0..<24 * ms).map { Int16(9_000 * sin(step * Double($0))) }
    }

    /// A sentence of words.
    static func sentence(_ words: [Int], in language: String) -> String {
        let text = words.map { self.text($0, in: language) }.joined(separator: " ")
        return text.isEmpty ? "" : text.capitalizedFirst + "."
    }

    /// A text in another language, word by word; words that the dictionary does not have stay.
    static func translation(of text: String, to language: String) -> String {
        let found = text.split(separator: " ").map { part -> String in
            let bare = part.filter(\.isLetter).lowercased()
            guard let index = words.firstIndex(where: { $0.en == bare }) else {
                return String(part)
            }
            return self.text(index, in: language) + part.filter { !$0.isLetter }
        }
        return found.joined(separator: " ").capitalizedFirst
    }
}

extension String {
    /// With a capital letter at its beginning.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
