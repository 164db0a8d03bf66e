import MartletPorts
import MartletSystem

/// The requests of one `perform`: what has become of each, and which comes next.
struct RequestBatch<Authorizer: RequestAuthorizer> {
    private let settings: ConnectionSettings
    private let authorizer: Authorizer
    private let clock: SystemClock
    private let requests: [HTTPRequest]
    /// Those that were begun and have not ended.
    private var runs: [Int: RequestRun] = [:]
    private var queue: RequestQueue
    private var answers: [Result<HTTPResponse, StorageError>?]
    /// How often a request's server had answered when it was sent for the first time.
    private var answersBefore: [Int: Int] = [:]
    private var exchanges: [Int: Exchange] = [:]
    private var done = HTTPProgress()
    private var lastTold: UInt64 = 0

    init(_ requests: [HTTPRequest], _ settings: ConnectionSettings, _ authorizer: Authorizer, clock: SystemClock) {
        self.requests = requests
        self.settings = settings
        self.authorizer = authorizer
        self.clock = clock
        queue = RequestQueue(parallel: settings.parallel, perHost: settings.perHost)
        answers = Array(repeating: nil, count: requests.count)
        for (i, request) in requests.enumerated() { queue.add(i, for: request.url.origin) }
    }

    var isDone: Bool { done.ended == requests.count }

    /// Once `isDone`.
    var results: [Result<HTTPResponse, StorageError>] { answers.compactMap { $0 } }

    // MARK: beginning

    mutating func next() -> Int? { queue.next(at: clock.monotonic()) }

    mutating func begin(_ index: Int) throws(StorageError) {
        var run = runs[index] ?? RequestRun(requests[index])
        if answersBefore[index] == nil { answersBefore[index] = queue.answers(of: run.url.origin) }
        runs[index] = run
        try run.begin(authorizer)
        runs[index] = run
    }

    /// One that was begun.
    func run(_ index: Int) -> RequestRun { runs[index] ?? RequestRun(requests[index]) }

    mutating func underWay(_ exchange: Exchange) { exchanges[exchange.index] = exchange }

    mutating func couldNotStart(_ index: Int, _ error: StorageError) {
        queue.end(at: run(index).url.origin, wasAnswered: false)
        finish(index, .failure(error))
    }

    // MARK: ending

    mutating func ended(_ exchange: Exchange, _ end: AttemptEnd, _ random: inout some RandomNumberGenerator) {
        let index = exchange.index
        exchanges[index] = nil
        var run = run(index)
        let place = run.url
        let verdict = run.judge(end, settings, authorizer, &random)
        if case .answered = end {
            queue.end(at: place.origin, wasAnswered: true)
        } else {
            queue.end(at: place.origin, wasAnswered: false)
        }
        runs[index] = run
        switch verdict {
        case .redirected: queue.addUrgent(index, for: run.url.origin)
        case .again(let pause, let askedByServer):
            let due = clock.monotonic() + UInt64(pause * 1e9)
            if askedByServer { queue.pause(place.origin, until: due) }
            queue.delay(index, for: run.url.origin, until: due)
        case .ended(let result):
            if case .success = result {
                done.sent += exchange.sent
                done.received += exchange.received
            }
            let isSilent = answersBefore[index] == queue.answers(of: run.request.url.origin)
            finish(index, result)
            if isSilent, case .failed(let failure, _, _) = end, failure.kind == .transient || failure.isUnreached {
                giveUp(run.request.url.origin, failure)
            }
        }
    }

    /// A server that has not answered anything for as long as a request was tried is not asked for all the others too.
    private mutating func giveUp(_ origin: HTTPURL.Origin, _ failure: HTTPFailure) {
        for index in queue.giveUp(origin) {
            let request = requests[index]
            finish(index, .failure(HTTPWording.error(failure, of: request, at: request.url)))
        }
    }

    private mutating func finish(_ index: Int, _ result: Result<HTTPResponse, StorageError>) {
        answers[index] = result
        runs[index] = nil
        answersBefore[index] = nil
        done.ended += 1
    }

    // MARK: meanwhile

    /// Milliseconds until there may be something to do that no connection tells of.
    func patience(_ most: Int32) -> Int32 {
        guard let time = queue.nextTime() else { return most }
        let now = clock.monotonic()
        return time <= now ? 1 : Int32(min(UInt64(most), (time - now) / 1_000_000 + 1))
    }

    /// - Parameter atOnce: even if it was told a moment ago.
    mutating func tell(_ progress: (HTTPProgress) -> Void, atOnce: Bool = false) {
        let now = clock.monotonic()
        guard atOnce || now >= lastTold + 100_000_000 else { return }
        lastTold = now
        var sum = done
        for exchange in exchanges.values {
            sum.sent += exchange.sent
            sum.received += exchange.received
        }
        progress(sum)
    }
}
