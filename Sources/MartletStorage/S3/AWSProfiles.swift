import MartletModel

/// The shared files of AWS, `~/.aws/credentials` and `~/.aws/config`: profiles of `name = value`.
///
/// Source: "Configuration and credential file settings", AWS SDKs and Tools reference guide.
package struct AWSProfiles: Sendable {
    private var profiles: [String: [String: String]] = [:]

    /// Lines that say nothing are passed over, as the tools of AWS do; the last of equal names counts.
    package init(_ text: String) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            // what is indented belongs to a nested setting
            guard let first = line.first, first != "#", first != ";", !first.isWhitespace else { continue }
            let content = AWSProfiles.trimmed(line)
            if content.hasPrefix("["), let end = content.lastIndex(of: "]") {
                section = AWSProfiles.name(content[content.index(after: content.startIndex)..<end])
            } else if let section, let equals = content.firstIndex(of: "=") {
                let name = AWSProfiles.trimmed(content[..<equals]).lowercased()
                profiles[section, default: [:]][name] = AWSProfiles.value(content[content.index(after: equals)...])
            }
        }
    }

    package subscript(profile: String, name: String) -> String? {
        guard let value = profiles[profile]?[name], !value.isEmpty else { return nil }
        return value
    }

    package var names: [String] { profiles.keys.sorted() }

    package func credentials(of profile: String) -> AWSCredentials? {
        guard let access = self[profile, "aws_access_key_id"], let secret = self[profile, "aws_secret_access_key"] else {
            return nil
        }
        return AWSCredentials(accessKey: access, secretKey: secret, sessionToken: self[profile, "aws_session_token"])
    }

    /// `[profile NAME]` in the file of settings is `[NAME]` in that of credentials.
    private static func name(_ section: Substring) -> String {
        let name = trimmed(section)
        guard name.hasPrefix("profile"), name.dropFirst(7).first?.isWhitespace == true else { return String(name) }
        return String(trimmed(name.dropFirst(7)).filter { $0 != "\"" })
    }

    /// A comment begins behind white space alone: keys may hold a `#`.
    private static func value(_ text: Substring) -> String {
        var last: Character = "="
        let kept = text.prefix { character in
            defer { last = character }
            return !(last.isWhitespace && (character == "#" || character == ";"))
        }
        return String(trimmed(kept))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
