import MartletPorts

/// Which request is sent next: those for one server in their order, servers in turn, so many at a time. Knows no clock;
/// times are nanoseconds of one.
struct RequestQueue {
    private struct Lane {
        /// Sent on from another server: their time has come already.
        var urgent: [Int] = []
        var waiting: [Int] = []
        var first = 0
        var active = 0
        var pausedUntil: UInt64 = 0
        var answers = 0

        var isEmpty: Bool { urgent.isEmpty && first == waiting.count }

        mutating func next() -> Int? {
            if let index = urgent.popLast() { return index }
            guard first < waiting.count else { return nil }
            defer { first += 1 }
            return waiting[first]
        }

        mutating func takeAll() -> [Int] {
            defer { (urgent, waiting, first) = ([], [], 0) }
            return urgent + waiting[first...]
        }
    }

    private let parallel: Int
    private let perHost: Int
    private var places: [HTTPURL.Origin: Int] = [:]
    private var lanes: [Lane] = []
    private var turn = 0
    private var active = 0
    private var delayed = DelayQueue()

    init(parallel: Int, perHost: Int) {
        self.parallel = max(1, parallel)
        self.perHost = max(1, perHost)
    }

    var isEmpty: Bool { active == 0 && delayed.isEmpty && lanes.allSatisfy(\.isEmpty) }

    mutating func add(_ index: Int, for origin: HTTPURL.Origin) { lanes[place(origin)].waiting.append(index) }

    /// Comes before all others for that server.
    mutating func addUrgent(_ index: Int, for origin: HTTPURL.Origin) { lanes[place(origin)].urgent.append(index) }

    mutating func delay(_ index: Int, for origin: HTTPURL.Origin, until due: UInt64) {
        delayed.add(index, place(origin), due: due)
    }

    /// Nothing is sent to a server before that time.
    mutating func pause(_ origin: HTTPURL.Origin, until time: UInt64) {
        let place = place(origin)
        lanes[place].pausedUntil = max(lanes[place].pausedUntil, time)
    }

    /// The next that may be sent now; it is under way then.
    mutating func next(at now: UInt64) -> Int? {
        while let (index, place) = delayed.next(at: now) { lanes[place].urgent.insert(index, at: 0) }
        guard active < parallel else { return nil }
        for step in lanes.indices {
            let place = (turn + step) % lanes.count
            guard lanes[place].active < perHost, lanes[place].pausedUntil <= now, let index = lanes[place].next() else {
                continue
            }
            turn = place + 1
            lanes[place].active += 1
            active += 1
            return index
        }
        return nil
    }

    /// One that was under way has ended.
    mutating func end(at origin: HTTPURL.Origin, wasAnswered: Bool) {
        let place = place(origin)
        lanes[place].active -= 1
        active -= 1
        if wasAnswered { lanes[place].answers += 1 }
    }

    /// How often a server has answered so far.
    func answers(of origin: HTTPURL.Origin) -> Int { places[origin].map { lanes[$0].answers } ?? 0 }

    /// Takes out everything that has not been sent yet to a server, which is given up.
    mutating func giveUp(_ origin: HTTPURL.Origin) -> [Int] {
        let place = place(origin)
        return lanes[place].takeAll() + delayed.takeAll(place)
    }

    /// When something that waits may be sent, apart from what waits for others to end.
    func nextTime() -> UInt64? {
        let resumptions = lanes.filter { !$0.isEmpty && $0.pausedUntil > 0 }.map(\.pausedUntil)
        return ([delayed.first].compactMap { $0 } + resumptions).min()
    }

    private mutating func place(_ origin: HTTPURL.Origin) -> Int {
        if let place = places[origin] { return place }
        places[origin] = lanes.count
        lanes.append(Lane())
        return lanes.count - 1
    }
}
