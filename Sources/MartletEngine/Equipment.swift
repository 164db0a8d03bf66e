import MartletModel

/// What a task may use of the machine while it runs: the process that runs it is set up so.
public struct Equipment: Hashable, Sendable {
    /// Threads that numerical libraries may use; 0 leaves them as they are.
    public var threads: Int
    /// Numbers of the devices that are the task's own, by kind.
    public var devices: [String: [Int]]
    /// Devices that it did not ask for are out of its sight.
    public var hidesOthers: Bool

    public init(threads: Int = 0, devices: [String: [Int]] = [:], hidesOthers: Bool = false) {
        self.threads = threads
        self.devices = devices
        self.hidesOthers = hidesOthers
    }

    /// As the process was started.
    public static let untouched = Equipment()
}

extension Engine {
    /// What a running task may use.
    public func equipment(of task: TaskIndex) -> Equipment {
        let share = terms.share(Int(graph.terms[task.position]))
        if granted.isEmpty { return Equipment(threads: share.threads, hidesOthers: share.hidesDevices) }
        var devices: [String: [Int]] = [:]
        for (kind, numbers) in granted[task] ?? [:] { devices[self.devices.kinds[kind]] = numbers }
        return Equipment(threads: share.threads, devices: devices, hidesOthers: share.hidesDevices)
    }

    /// Whether a task with these terms could start now in a process that has run nothing yet.
    func fits(_ number: Int) -> Bool { hasRoom(number) && (!terms.hasDemands(number) || choice(number, in: nil) != nil) }

    /// Whether a task with these terms could start now with this worker.
    func fits(_ number: Int, in holder: Leases.Holder) -> Bool {
        hasRoom(number) && (!terms.hasDemands(number) || choice(number, in: holder) != nil)
    }

    private func hasRoom(_ number: Int) -> Bool {
        let cores = cores(number)
        return terms.fits(number) && (cores == 0 || leases.busyCores + cores <= settings.cores + TermsTable.slack)
    }

    /// What a task counts against the limit of cores: who asks for more than there are gets all of them.
    func cores(_ number: Int) -> Double { min(terms.share(number).cores, settings.cores) }

    /// A process that has run something without devices, or with others, may have set up its libraries for that.
    private func choice(_ number: Int, in holder: Leases.Holder?) -> DeviceTable.Choice? {
        let seen = holder.flatMap { $0.isReplaceable && !$0.isFresh ? $0.seen : nil }
        let others = leases.holders.filter { $0.id != holder?.id && !$0.seen.isEmpty }.map(\.seen)
        return devices.choice(for: terms.demands(number), seen: seen, shunned: others)
    }

    /// Takes what a task needs, for the holder that is about to get it.
    mutating func take(for task: TaskIndex, by h: Int) {
        let number = Int(graph.terms[task.position])
        if terms.hasDemands(number), let choice = choice(number, in: leases.holders[h]) {
            devices.take(choice, for: terms.demands(number))
            granted[task] = choice
            leases.sees(choice, h)
        }
        terms.take(number)
    }

    /// Gives back what a task held.
    mutating func giveBack(_ task: TaskIndex) {
        let number = Int(graph.terms[task.position])
        terms.give(number)
        if !granted.isEmpty, let choice = granted.removeValue(forKey: task) {
            devices.give(choice, for: terms.demands(number))
        }
    }
}
