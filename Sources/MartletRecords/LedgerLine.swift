import MartletModel
import MartletPorts

/// One record of the ledger, as docs/reports.md describes it. Those of format version 1, one task a job, are read as well.
enum LedgerLine {
    case intended(LedgerEntry)
    case accepted(tag: String, [Int: JobID])
    /// nil: all of the submission.
    case closed(tag: String, [LedgerEnd]?)

    /// - Returns: nil when it is none of these.
    init?(_ json: JSON) {
        if let tag = json["intend"]?.string {
            let time = json["time"]?.integer ?? 0, system = json["system"]?.string ?? ""
            let slices = json["elements"]?.array?.map { $0.array?.compactMap(\.string) ?? [] }
            let elements = slices ?? [[json["subject"]?.string ?? ""]]
            self = .intended(
                LedgerEntry(tag: tag, system: system, time: time, queue: json["queue"]?.string, elements: elements))
        } else if let tag = json["accepted"]?.string, let pairs = json["ids"]?.array {
            var ids: [Int: JobID] = [:]
            for pair in pairs {
                if let pair = pair.array, pair.count == 2, let element = pair[0].integer, let id = pair[1].string {
                    ids[Int(clamping: element)] = JobID(id)
                }
            }
            self = .accepted(tag: tag, ids)
        } else if let tag = json["submitted"]?.string, let job = json["job"]?.string {
            self = .accepted(tag: tag, [0: JobID(job)])
        } else if let tag = json["closed"]?.string {
            self = .closed(tag: tag, json["ends"]?.array?.compactMap(LedgerEnd.init))
        } else {
            return nil
        }
    }

    static func intention(_ entry: LedgerEntry) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.name("intend")
        writer.string(entry.tag)
        writer.name("system")
        writer.string(entry.system)
        writer.name("time")
        writer.integer(entry.time)
        if let queue = entry.queue {
            writer.name("queue")
            writer.string(queue)
        }
        writer.name("elements")
        writer.beginArray()
        for slice in entry.elements {
            writer.beginArray()
            for task in slice { writer.string(task) }
            writer.endArray()
        }
        writer.endArray()
        return writer.bytes
    }

    static func acceptance(_ tag: String, _ ids: [Int: JobID]) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.name("accepted")
        writer.string(tag)
        writer.name("ids")
        writer.beginArray()
        for (element, id) in ids.sorted(by: { $0.key < $1.key }) {
            writer.beginArray()
            writer.integer(element)
            writer.string(id.raw)
            writer.endArray()
        }
        writer.endArray()
        return writer.bytes
    }

    static func closing(_ tag: String, _ ends: [LedgerEnd]) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.name("closed")
        writer.string(tag)
        writer.name("ends")
        writer.beginArray()
        for end in ends {
            writer.beginArray()
            writer.integer(end.element)
            if let position = end.position { writer.integer(position) } else { writer.null() }
            writer.string(end.how)
            writer.endArray()
        }
        writer.endArray()
        return writer.bytes
    }
}

extension LedgerEnd {
    /// `[element, place in its slice or null, how]`
    fileprivate init?(_ json: JSON) {
        guard let fields = json.array, fields.count == 3, let element = fields[0].integer else { return nil }
        self.init(Int(clamping: element), position: fields[1].integer.map(Int.init(clamping:)), how: fields[2].string ?? "")
    }
}
