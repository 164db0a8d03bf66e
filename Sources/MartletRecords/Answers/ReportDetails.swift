import MartletModel

extension ReportCatalogue {
    /// All that is recorded of one execution: the members of `ExecutionGlance.json`, then the record as it stands in its
    /// segment, with the facts that it refers to in place of their digests, and the path of its file.
    public func details(of glance: ExecutionGlance) throws(Diagnostic) -> JSON {
        let record = try record(of: glance)
        guard case .object(var members) = glance.json, case .object(let recorded) = record else { return glance.json }
        let part = try report(of: glance)
        for member in recorded where member.name != "n" && member.name != "crc" {
            if members.contains(where: { $0.name == member.name }) { continue }
            switch member.name {
            case "code", "env", "sandbox", "submitter":
                let fact = try fact(member.value.string ?? "")
                members.append(JSONMember(member.name, fact ?? member.value))
            case "params": members.append(JSONMember("params", part.parameters))
            default: members.append(member)
            }
        }
        members.append(JSONMember("path", .string(path(of: glance))))
        return .object(members)
    }

    /// What a digest stands for that reports refer to; nil when no segment says it.
    public func fact(_ digest: String) throws(Diagnostic) -> JSON? {
        let place = try index.ask { database throws -> LinePlace? in
            let rows = try database.prepare(
                "SELECT f.name, fact.at FROM fact JOIN file f ON f.id = fact.file WHERE digest = ?1")
            guard try rows.bind(1, digest).next() else { return nil }
            return LinePlace(file: rows.text(0), offset: UInt64(clamping: rows.integer(1)))
        }
        do {
            guard let members = try place?.record(in: directory)?.json.members else { return nil }
            return .object(members.filter { $0.name != "n" && $0.name != "crc" })
        } catch {
            throw Diagnostic(.recordUnreadable, subject: "\(directory)/\(place?.file ?? "")", cause: error.text)
        }
    }
}
