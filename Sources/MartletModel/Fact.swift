/// Something that many executions have in common, written once a segment and referred to by digest:
///
///     "fact":"code","digest":"16 hexadecimal digits",…content…
public struct Fact: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case code, environment, sandbox
    }

    public let kind: Kind
    /// The first 16 hexadecimal digits of the digest of kind and content.
    public let digest: String
    /// An object.
    public let content: JSON

    public init(_ kind: Kind, _ content: JSON) {
        self.kind = kind
        self.content = content
        digest = String(Canonical.digest(.array([.string(kind.rawValue), content])).prefix(16))
    }

    /// nil when the record is of something else, or of a kind that this version does not know.
    public init?(json: JSON) {
        guard let kind = json["fact"]?.string.flatMap(Kind.init), let digest = json["digest"]?.string,
            let members = json.members
        else { return nil }
        self.kind = kind
        self.digest = digest
        content = .object(members.filter { !["n", "fact", "digest", "crc"].contains($0.name) })
    }

    /// The line's members, without braces.
    public var line: [UInt8] {
        var writer = JSONWriter()
        writer.name(literal: "fact")
        writer.string(kind.rawValue)
        writer.name(literal: "digest")
        writer.string(digest)
        for member in content.members ?? [] {
            writer.name(member.name)
            writer.value(member.value)
        }
        return writer.bytes
    }
}
