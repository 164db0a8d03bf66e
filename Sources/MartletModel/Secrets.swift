/// What is recorded or shown without the passwords and tokens of the URLs in it.
public enum Secrets {
    /// A text with each URL in it as `TargetRef.withoutCredentials` has it; nil where that is the text itself.
    ///
    /// A URL ends at white space, quotes, brackets and backslashes, so that a line of JSON stays one. That is not all that
    /// may be a secret: of texts that do not look like a URL nobody knows.
    public static func hidden(in text: [UInt8]) -> [UInt8]? {
        var hidden: [UInt8] = []
        /// So much of the text is in `hidden`.
        var taken = 0
        var search = 0
        while let mark = markOfScheme(text, from: search) {
            search = mark + 3
            var begin = mark
            while begin > taken && isOfScheme(text[begin - 1]) { begin -= 1 }
            // an encoder may have left `\n` before the scheme
            while begin < mark && !isLetter(text[begin]) { begin += 1 }
            if begin == mark { continue }
            let end = endOfURL(text, from: search)
            let url = String(decoding: text[begin..<end], as: UTF8.self)
            let shown = TargetRef(url).withoutCredentials
            if shown != url {
                hidden += text[taken..<begin]
                hidden += shown.utf8
                taken = end
            }
            search = end
        }
        return taken == 0 ? nil : hidden + text[taken...]
    }

    /// The same of a text that need not be in UTF-8.
    public static func hidden(in text: String) -> String {
        hidden(in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Where the next `://` is.
    private static func markOfScheme(_ text: [UInt8], from start: Int) -> Int? {
        var at = start
        while at + 2 < text.count {
            // most bytes are neither, and three of them are passed over at once
            switch text[at + 2] {
            case UInt8(ascii: "/"):
                if text[at] == UInt8(ascii: ":") && text[at + 1] == UInt8(ascii: "/") { return at }
                at += 1
            case UInt8(ascii: ":"): at += 2
            default: at += 3
            }
        }
        return nil
    }

    /// Where a URL ends, of which everything to `start` is its scheme: at what cannot be in one, or where another begins.
    private static func endOfURL(_ text: [UInt8], from start: Int) -> Int {
        var end = start
        while end < text.count && !endsURLs(text[end]) { end += 1 }
        guard let next = markOfScheme(Array(text[start..<end]), from: 0) else { return end }
        end = start + next
        while end > start && isOfScheme(text[end - 1]) { end -= 1 }
        return end
    }

    private static func endsURLs(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "`"): true
        default: false
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}
