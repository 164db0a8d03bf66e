import MartletModel
import MartletPorts

/// One record of the ledger, as docs/reports.md describes it. Those of format version 1, one task a job, are read as well.
enum LedgerLine {
    case intended(LedgerEntry)
    /// `from`: how many elements the submission had before.
    case extended(tag: String, from: Int, [[String]])
    case accepted(tag: String, [Int: JobID])
    /// nil: all of the submission.
    case closed(tag: String, [LedgerEnd]?)

    /// - Returns: nil when it is none of these.
    init?(_ json: JSON) {
        if let tag = json["intend"]?.string {
            let time = json["time"]?.integer ?? 0, system = json["system"]?.string ?? ""
            let elements = LedgerLine.slices(json) ?? [[json["subject"]?.string ?? ""]]
            self = .intended(
                LedgerEntry(
                    tag: tag, system: system, time: time, queue: json["queue"]?.string, elements: elements,
                    pilots: json["pilots"]?.integer.map(Int.init(clamping:))))
        } else if let tag = json["extend"]?.string, let first = json["from"]?.integer, let slices = LedgerLine.slices(json) {
            self = .extended(tag: tag, from: Int(clamping: first), slices)
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
            let ends = json["ends"]?.array?.compactMap { LedgerEnd($0) }
            let pilots = json["pilots"]?.array?.compactMap { LedgerEnd(pilot: $0) }
            self = .closed(tag: tag, ends == nil && pilots == nil ? nil : (ends ?? []) + (pilots ?? []))
        } else {
            return nil
        }
    }

    private static func slices(_ json: JSON) -> [[String]]? {
        json["elements"]?.array?.map { $0.array?.compactMap(\.string) ?? [] }
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
        if let pilots = entry.pilots {
            writer.name("pilots")
            writer.integer(pilots)
        }
        write(entry.elements, to: &writer)
        return writer.bytes
    }

    static func addition(_ tag: String, _ first: Int, _ slices: [[String]]) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.name("extend")
        writer.string(tag)
        writer.name("from")
        writer.integer(first)
        write(slices, to: &writer)
        return writer.bytes
    }

    private static func write(_ slices: [[String]], to writer: inout JSONWriter) {
        writer.name("elements")
        writer.beginArray()
        for slice in slices {
            writer.beginArray()
            for task in slice { writer.string(task) }
            writer.endArray()
        }
        writer.endArray()
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
        for end in ends where !end.isPilot {
            writer.beginArray()
            writer.integer(end.element)
            if let position = end.position { writer.integer(position) } else { writer.null() }
            writer.string(end.how)
            writer.endArray()
        }
        writer.endArray()
        let pilots = ends.filter(\.isPilot)
        if pilots.isEmpty { return writer.bytes }
        writer.name("pilots")
        writer.beginArray()
        for end in pilots {
            writer.beginArray()
            writer.integer(end.element)
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

    /// `[pilot, how]`
    fileprivate init?(pilot json: JSON) {
        guard let fields = json.array, fields.count == 2, let pilot = fields[0].integer else { return nil }
        self.init(pilot: Int(clamping: pilot), how: fields[1].string ?? "")
    }
}
