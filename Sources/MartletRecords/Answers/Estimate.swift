import MartletModel

/// What tasks will probably take, from what earlier ones of their families took.
public struct Estimate: Sendable {
    public private(set) var families: [Family] = []
    /// Families without an execution that ended well: nothing is known of them.
    public private(set) var unknown: [(family: String, tasks: Int)] = []
    /// Sums over the families that are known; nil where nothing was measured.
    public private(set) var wall: Amount?
    public private(set) var cpu: Amount?
    public private(set) var bytes: Amount?
    /// Seconds until all have run, by so many at a time; what waits for what is not looked at.
    public private(set) var elapsed: Amount?
    public let workers: Int

    /// A sum with its standard deviation.
    public struct Amount: Equatable, Sendable {
        public var expected: Double
        public var uncertainty: Double
        public init(expected: Double, uncertainty: Double) {
            self.expected = expected
            self.uncertainty = uncertainty
        }
    }

    public struct Family: Equatable, Sendable {
        public var name: String
        /// That would run.
        public var tasks: Int
        /// Executions that ended well and that this is taken from, and how many of as many ended otherwise.
        public var samples: Int
        public var failed: Int
        /// Of one task: seconds, seconds of processor time, bytes of outputs.
        public var wall: Spread?
        public var cpu: Spread?
        public var bytes: Spread?
    }

    /// Executions of a family that are looked at: those that ended last.
    static let most = 500

    /// - Parameters:
    ///   - counts: how many tasks of which family would run.
    ///   - workers: how many run at a time.
    public init(
        _ records: ReportCatalogue, _ counts: [(family: String, tasks: Int)], workers: Int = 1
    ) throws(Diagnostic) {
        self.workers = max(1, workers)
        for (family, tasks) in counts where tasks > 0 {
            if let known = try Estimate.family(family, tasks, records) {
                families.append(known)
            } else {
                unknown.append((family, tasks))
            }
        }
        wall = sum(\.wall)
        cpu = sum(\.cpu)
        bytes = sum(\.bytes)
        let longest = families.compactMap(\.wall?.high).max() ?? 0
        elapsed = wall.map { wall in
            let share = Double(self.workers)
            return Amount(expected: max(wall.expected / share, longest), uncertainty: wall.uncertainty / share)
        }
    }

    private static func family(
        _ name: String, _ tasks: Int, _ records: ReportCatalogue
    ) throws(Diagnostic) -> Family? {
        let past = try records.latest(ofFamily: name, most: most)
        let done = past.filter { $0.outcome == .done }
        if done.isEmpty { return nil }
        return Family(
            name: name, tasks: tasks, samples: done.count, failed: past.count { $0.outcome == .failed },
            wall: Spread(done.map(\.wall)), cpu: Spread(done.compactMap(\.cpu)),
            bytes: Spread(done.compactMap { $0.bytes.map(Double.init) }))
    }

    /// Of `n` tasks like `k` that were seen, whose values scatter by `s`: n times the mean, uncertain by the tasks' own
    /// scatter, s √n, and by that of the mean, n s / √k.
    private func sum(_ value: (Family) -> Spread?) -> Amount? {
        var total = Amount(expected: 0, uncertainty: 0)
        var variance = 0.0
        var isKnown = false
        for family in families {
            guard let spread = value(family) else { continue }
            isKnown = true
            let n = Double(family.tasks), s = spread.deviation
            total.expected += n * spread.mean
            variance += n * s * s + n * n * s * s / Double(spread.count)
        }
        total.uncertainty = variance.squareRoot()
        return isKnown ? total : nil
    }

    /// `{"families":[…],"unknown":{…},"wall":{"expected":…,"uncertainty":…},"cpu":…,"bytes":…,"elapsed":…,"workers":…}`
    public var json: JSON {
        [
            "families": .array(families.map(\.json)),
            "unknown": .object(unknown.map { JSONMember($0.family, JSON($0.tasks)) }),
            "wall": wall?.json ?? .null, "cpu": cpu?.json ?? .null, "bytes": bytes?.json ?? .null,
            "elapsed": elapsed?.json ?? .null, "workers": JSON(workers),
        ]
    }
}

extension Estimate.Amount {
    var json: JSON { ["expected": .number(expected), "uncertainty": .number(uncertainty)] }
}

extension Estimate.Family {
    var json: JSON {
        [
            "family": .string(name), "tasks": JSON(tasks), "samples": JSON(samples), "failed": JSON(failed),
            "wall": wall?.json ?? .null, "cpu": cpu?.json ?? .null, "bytes": bytes?.json ?? .null,
        ]
    }
}

extension ReportCatalogue {
    /// Executions of one family, however they ended, those that ended last first.
    func latest(ofFamily family: String, most: Int) throws(Diagnostic) -> [ExecutionGlance] {
        try index.ask { database throws in
            let rows = try database.prepare(
                ExecutionGlance.selection + " WHERE t.family = ?1 ORDER BY e.moment DESC LIMIT ?2")
            return try ExecutionGlance.all(rows.bind(1, family).bind(2, Int64(most)))
        }
    }
}
