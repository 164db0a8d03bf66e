import MartletModel
import MartletPorts

/// One record of the ledger, as docs/reports.md describes it. Those of format version 1, one task a job, are read as well.
enum LedgerLine {
    case intended(LedgerEntry)
    /// `from`: how many elements the submission had before. Its elements are counted from there.
    case extended(tag: String, from: Int, LedgerSlices)
    case accepted(tag: String, [Int: JobID])
    /// nil: all of the submission. What tasks have used up stands beside their ends.
    case closed(tag: String, [LedgerEnd]?, [String: JobTries])

    /// - Returns: nil when it is none of these.
    init?(_ json: JSON) {
        if let tag = json["intend"]?.string {
            let time = json["time"]?.integer ?? 0, system = json["system"]?.string ?? ""
            let slices = LedgerSlices(json) ?? LedgerSlices([[json["subject"]?.string ?? ""]])
            self = .intended(
                LedgerEntry(
                    tag: tag, system: system, time: time, queue: json["queue"]?.string, slices: slices,
                    pilots: json["pilots"]?.integer.map(Int.init(clamping:))))
        } else if let tag = json["extend"]?.string, let first = json["from"]?.integer, let slices = LedgerSlices(json) {
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
            let isWhole = ends == nil && pilots == nil
            self = .closed(tag: tag, isWhole ? nil : (ends ?? []) + (pilots ?? []), LedgerLine.tries(json))
        } else {
            return nil
        }
    }

    fileprivate static func tries(_ json: JSON) -> [String: JobTries] {
        let rows = json["tried"]?.array?.compactMap { JobTries.named($0) } ?? []
        return Dictionary(rows) { $1 }
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
        write(entry.slices, to: &writer)
        return writer.bytes
    }

    static func addition(_ tag: String, _ first: Int, _ slices: LedgerSlices) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.name("extend")
        writer.string(tag)
        writer.name("from")
        writer.integer(first)
        write(slices, to: &writer)
        return writer.bytes
    }

    private static func write(_ slices: LedgerSlices, to writer: inout JSONWriter) {
        writer.name("elements")
        writer.beginArray()
        for slice in slices.elements {
            writer.beginArray()
            for task in slice { writer.string(task) }
            writer.endArray()
        }
        writer.endArray()
        if !slices.followers.isEmpty {
            let rows = slices.followers.sorted { ($0.key.element, $0.key.position) < ($1.key.element, $1.key.position) }
            writer.name("followers")
            writer.value(
                .array(
                    rows.map { place, others in
                        .array([JSON(place.element), JSON(place.position)] + others.map { .string($0) })
                    }))
        }
        write(tries: slices.tries, to: &writer)
    }

    private static func write(tries: [String: JobTries], to writer: inout JSONWriter) {
        if tries.isEmpty { return }
        writer.name("tried")
        writer.value(.array(tries.sorted { $0.key < $1.key }.map { $0.value.json(of: $0.key) }))
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

    static func closing(_ tag: String, _ ends: [LedgerEnd], tries: [String: JobTries]) -> [UInt8] {
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
        write(tries: tries, to: &writer)
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

extension LedgerSlices {
    /// `"elements":[[task id, …], …]`, and where there are such, `"followers":[[element, place in its slice, task id, …], …]`
    /// and `"tried"`, see `JobTries.json`.
    fileprivate init?(_ json: JSON) {
        guard let elements = json["elements"]?.array?.map({ $0.array?.compactMap(\.string) ?? [] }) else { return nil }
        var followers: [Place: [String]] = [:]
        for row in json["followers"]?.array ?? [] {
            guard let row = row.array, row.count > 2, let element = row[0].integer, let position = row[1].integer else { continue }
            followers[Place(Int(clamping: element), Int(clamping: position))] = row.dropFirst(2).compactMap(\.string)
        }
        self.init(elements, followers: followers, tries: LedgerLine.tries(json))
    }
}

extension JobTries {
    /// `[task id, failed, cause, memory, walltime, [nodes]]`, without nulls at its end.
    fileprivate func json(of task: String) -> JSON {
        var row: [JSON] = [.string(task), JSON(failed), cause.map { JSON(Int($0)) } ?? .null]
        row += [memory.map { .integer(Int64(clamping: $0)) } ?? .null, walltime.map(JSON.number) ?? .null]
        row.append(avoidedNodes.isEmpty ? .null : .array(avoidedNodes.map { .string($0) }))
        while row.last == .null { row.removeLast() }
        return .array(row)
    }

    fileprivate static func named(_ json: JSON) -> (String, JobTries)? {
        guard let row = json.array, row.count >= 2, let task = row[0].string, let failed = row[1].integer else { return nil }
        func field(_ place: Int) -> JSON? { place < row.count ? row[place] : nil }
        return (
            task,
            JobTries(
                failed: Int(clamping: failed), cause: field(2)?.integer.flatMap { UInt8(exactly: $0) },
                memory: field(3)?.integer.map { UInt64(clamping: $0) }, walltime: field(4)?.double,
                avoidedNodes: field(5)?.array?.compactMap(\.string) ?? [])
        )
    }
}
