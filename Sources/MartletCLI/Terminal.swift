import Glibc
import MartletModel

/// Lines for the user. Written at once and whole; a closed pipe (`martlet logs … | head`) ends the program quietly,
/// as SIGPIPE does by default.
enum Terminal {
    static func say(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// All of them with as few calls as they take; nothing for none.
    static func say(lines: [String]) {
        if !lines.isEmpty { say(lines.joined(separator: "\n")) }
    }

    static func say(_ json: JSON) { say(json.text) }

    static func complain(_ text: String) { write(text, to: STDERR_FILENO) }

    static func complain(_ problem: Diagnostic) {
        let (line, hint) = Wording.text(problem)
        complain(hint.isEmpty ? "martlet: \(line)" : "martlet: \(line)\nhint: \(hint)")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        write(bytes[...], to: descriptor)
    }

    /// Writes all bytes. Where the terminal or file refuses them there is nobody left to tell.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32 = STDOUT_FILENO) {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                return
            }
            rest = rest.dropFirst(written)
        }
    }
}
