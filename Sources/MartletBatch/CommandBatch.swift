import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// A batch system that is spoken to by commands, as a dialect says: runs them without waiting for them.
///
/// One question of a kind is under way at a time; others of that kind wait for it. Commands are child programs with a
/// group of their own, which is killed when they take too long, when the driver ends, and when it is killed: a submission
/// that nobody awaits must not go through later.
public final class CommandBatch<Dialect: BatchDialect>: BatchSystem {
    public var habits: BatchHabits { dialect.habits }
    public var descriptors: [Int32] { lines.compactMap { $0.running?.descriptor } }

    private let dialect: Dialect
    /// One for each kind of question.
    private var lines = BatchQuestion.Kind.allCases.map { _ in QuestionLine() }
    private var guarding: GroupGuard?
    private var told: [BatchAnswer] = []

    public init(_ dialect: Dialect) { self.dialect = dialect }

    public func ask(_ question: BatchQuestion, now: UInt64) {
        let line = question.kind.rawValue
        lines[line].waiting.append(question)
        advance(line, now)
    }

    public func answers(now: UInt64) -> [BatchAnswer] {
        for line in lines.indices { advance(line, now) }
        defer { told = [] }
        return told
    }

    public func close() {
        for line in lines.indices {
            lines[line].running?.kill()
            lines[line].running = nil
            lines[line].waiting = []
        }
        guarding?.end()
        guarding = nil
        told = []
    }

    /// Takes in the ends of commands, starts the next ones, answers questions whose commands have all ended.
    private func advance(_ line: Int, _ now: UInt64) {
        while true {
            if let running = lines[line].running {
                guard let result = running.result(now: now) else { return }
                guarding?.clear(line)
                lines[line].results.append(result)
                lines[line].running = nil
            }
            if let next = lines[line].commands.popFirst() {
                start(next, line, now)
            } else if let question = lines[line].question {
                lines[line].question = nil
                conclude(question, lines[line].results, line)
            } else if let question = lines[line].waiting.popFirst() {
                begin(question, line)
            } else {
                return
            }
        }
    }

    private func start(_ command: BatchCommand, _ line: Int, _ now: UInt64) {
        do throws(SystemError) {
            if guarding == nil { guarding = try GroupGuard(places: BatchQuestion.Kind.allCases.count) }
            let run = try CommandRun(command, note: guarding?.note(line), now: now)
            lines[line].running = run
        } catch {
            guarding?.clear(line)
            lines[line].results.append(BatchCommandResult(.notStarted(error.description)))
        }
    }

    private func begin(_ question: BatchQuestion, _ line: Int) {
        lines[line].question = question
        lines[line].listing = nil
        lines[line].put(commands(for: question))
    }

    private func commands(for question: BatchQuestion) -> [BatchCommand] {
        switch question {
        case .submit(let array): return dialect.submission(array)
        case .list(let asked): return dialect.listing(asked)
        case .collect(let jobs): return dialect.collection(jobs)
        case .cancel(let jobs): return dialect.cancellation(Array(jobs.values))
        case .show(let jobs): return shows(jobs).map(\.command)
        case .discard(let jobs): return jobs.isEmpty ? [] : dialect.disposal(Array(jobs.values))
        }
    }

    private func conclude(_ question: BatchQuestion, _ results: [BatchCommandResult], _ line: Int) {
        switch question {
        case .submit(let array): told.append(.submitted(tag: array.tag, dialect.accepted(array, results)))
        case .list(let asked): concludeListing(asked, results, line)
        case .collect(let jobs):
            let missing = results.isEmpty ? [:] : dialect.missing(jobs, results)
            told.append(.collected(jobs, missing: missing))
        case .cancel(let jobs):
            let refusal = results.isEmpty ? nil : dialect.refusal(Array(jobs.values), results)
            told.append(.cancelled(Array(jobs.keys), refusal: refusal))
        case .show(let jobs): told.append(shown(zip(shows(jobs).map(\.job), results)))
        case .discard(let jobs):
            let refusal = results.isEmpty ? nil : dialect.refusal(Array(jobs.values), results)
            told.append(.discarded(Array(jobs.keys), refusal: refusal))
        }
    }

    /// A command for each job that does not print into files of this machine, in the order of jobs.
    private func shows(_ jobs: [JobKey: JobID]) -> [(job: JobKey, command: BatchCommand)] {
        jobs.sorted { ($0.key.tag, $0.key.index) < ($1.key.tag, $1.key.index) }
            .compactMap { job, id in dialect.show(job, id).map { (job, $0) } }
    }

    private func shown(_ results: some Sequence<(JobKey, BatchCommandResult)>) -> BatchAnswer {
        var texts: [JobKey: String] = [:], missing: [JobKey: String] = [:]
        for (job, result) in results {
            do throws(Unseen) { texts[job] = try dialect.shown(result) } catch { missing[job] = error.why }
        }
        return .shown(texts, missing: missing)
    }

    /// What a complete listing lacks is looked up in the system's history.
    private func concludeListing(_ asked: [AskedSubmission], _ results: [BatchCommandResult], _ line: Int) {
        if let (listing, missing) = lines[line].listing {
            var all = dialect.readHistory(missing, results)
            all.jobs = listing.jobs + all.jobs
            told.append(.listed(all))
            lines[line].listing = nil
            return
        }
        let listing = dialect.read(asked, results)
        let missing = listing.isComplete ? listing.missing(of: asked) : []
        let commands = missing.isEmpty ? [] : dialect.history(missing)
        if commands.isEmpty { return told.append(.listed(listing)) }
        lines[line].question = .list(asked)
        lines[line].listing = (listing, missing)
        lines[line].put(commands)
    }
}

/// Questions of one kind: the one that is asked, how far that is, and those that wait.
private struct QuestionLine {
    var waiting: ArraySlice<BatchQuestion> = []
    var question: BatchQuestion?
    var commands: ArraySlice<BatchCommand> = []
    var results: [BatchCommandResult] = []
    var running: CommandRun?
    /// Of a question whose second stage is under way: what the first one told, and what it lacked.
    var listing: (BatchListing, missing: [AskedSubmission])?

    mutating func put(_ commands: [BatchCommand]) {
        self.commands = commands[...]
        results = []
    }
}

extension BatchListing {
    /// What was asked about and is not in it.
    func missing(of asked: [AskedSubmission]) -> [AskedSubmission] {
        let seen = Set(jobs.map(\.key))
        return asked.compactMap { one in
            var rest = one
            rest.elements = one.elements.filter { !seen.contains(JobKey(one.tag, $0)) }
            return rest.elements.isEmpty ? nil : rest
        }
    }
}
