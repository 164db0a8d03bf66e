import MartletPorts

/// Jobs that have ended and whose results are not asked for yet.
struct JobCollection {
    private var keys: [JobKey] = []
    private var next: UInt64 = 0

    mutating func add(_ key: JobKey) { keys.append(key) }

    /// Its results are not there: they are looked for again in a second.
    mutating func postpone(_ key: JobKey, _ now: UInt64) {
        keys.append(key)
        next = now &+ 1_000_000_000
    }

    /// Those that are to be asked for now.
    mutating func take(_ now: UInt64) -> [JobKey] {
        if now < next { return [] }
        defer { keys = [] }
        return keys
    }
}
