import MartletModel

/// What a run has to tell the user of its batch system: what was adopted, what could not be asked.
struct JobNotes {
    private let system: String
    private var last = ""
    private var lines: [String] = []

    init(system: String) { self.system = system }

    /// The same is said once, until the system has answered.
    mutating func add(_ text: String) {
        let line = "batch system \(system): \(text)"
        if line == last { return }
        last = line
        lines.append(line)
    }

    mutating func answered() { last = "" }

    mutating func take() -> [String] {
        defer { lines = [] }
        return lines
    }

    /// What the ledger cannot be told now, the next run finds out by asking the batch system.
    mutating func noting(_ write: () throws(Diagnostic) -> Void) {
        do throws(Diagnostic) { try write() } catch { add("the ledger cannot be written: \(error.cause)") }
    }
}
