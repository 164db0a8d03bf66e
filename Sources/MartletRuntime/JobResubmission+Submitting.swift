import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// Other jobs for tasks whose jobs are gone, by the loop that submits a run's.
extension JobResubmission {
    /// Tasks of one submission to be.
    private struct Part {
        var settings: JobSettings
        var members: [(lost: Int, request: JobRequest)] = []
    }

    /// What became of the tasks of each lost job.
    private struct Outcome {
        var tasks: [String] = []
        var jobs: [String] = []
        var doubt: String?
        var refusal: String?
    }

    func submit(_ lost: [Lost], _ system: String) {
        var outcomes = Array(repeating: Outcome(), count: lost.count)
        let parts = parts(lost, system, &outcomes)
        if !wish.isTrial && !parts.isEmpty {
            do throws(Diagnostic) {
                try close(lost)
                for part in parts { hand(part, &outcomes) }
            } catch {
                for place in outcomes.indices { outcomes[place].refusal = Wording.text(error).line }
            }
        }
        for (one, outcome) in zip(lost, outcomes) {
            fates.append(ResubmittedJob(one.job.key, tasks: outcome.tasks, fate(of: one, outcome)))
        }
    }

    private func fate(of one: Lost, _ outcome: Outcome) -> ResubmittedJob.Fate {
        if outcome.tasks.isEmpty { return .complete }
        if wish.isTrial { return .wanted(options(of: one.job.candidate)) }
        if let why = outcome.refusal { return .unsubmitted(why: why) }
        if let why = outcome.doubt { return .uncertain(outcome.jobs, why: why) }
        return .submitted(outcome.jobs)
    }

    /// What the new jobs of its tasks ask for. They go where it was.
    private func options(of one: Candidate) -> JobOptions {
        var options = one.array.options
        options.queue = one.submission.entry.queue ?? options.queue
        return options.changed(by: wish.changes)
    }

    private func parts(_ lost: [Lost], _ system: String, _ outcomes: inout [Outcome]) -> [Part] {
        let pilots = lost.reduce(into: [String: Int]()) { $0[$1.job.key.tag, default: 0] += $1.places.isEmpty ? 0 : 1 }
        var parts: [String: Part] = [:], identities: [String: String] = [:]
        for (number, one) in lost.enumerated() {
            let candidate = one.job.candidate, options = options(of: candidate)
            let count = candidate.isPilot ? pilots[one.job.key.tag] : nil
            let settings = settings(candidate, system, pilots: count)
            let tag = one.job.key.tag
            if identities[tag] == nil { identities[tag] = candidate.isPilot ? tag : settings.identity }
            let key = identities[tag]!
            for (slice, places) in one.places.sorted(by: { $0.key < $1.key }) {
                for place in places {
                    let followers = candidate.submission.entry.slices.followers[LedgerSlices.Place(slice, place)] ?? []
                    guard let request = candidate.described.request(place, of: slice, followers: followers, options)
                    else { continue }
                    outcomes[number].tasks += request.tasks
                    // open in two submissions: one job is enough for both
                    guard served.isDisjoint(with: request.tasks) else { continue }
                    served.formUnion(request.tasks)
                    parts[key, default: Part(settings: settings)].members.append((number, request))
                }
            }
        }
        return parts.sorted { $0.key < $1.key }.map(\.value)
    }

    private func settings(_ one: Candidate, _ system: String, pilots: Int?) -> JobSettings {
        var settings = JobSettings(
            system: system, command: one.array.command, files: one.array.files, directory: one.array.directory,
            folder: "\(state)/jobs", tasksPerJob: one.array.tasksPerJob, pilots: pilots)
        settings.head = Array(one.described.head.text.utf8)
        settings.leases = one.array.leases
        return settings
    }

    /// The old jobs have nothing to do with these tasks any more. Nothing is submitted where that cannot be written; it is on
    /// disk when the next intention is.
    private func close(_ lost: [Lost]) throws(Diagnostic) {
        FailPoint.jobsClose.pass()
        for (tag, some) in Dictionary(grouping: lost, by: \.job.key.tag).sorted(by: { $0.key < $1.key }) {
            var ends: [LedgerEnd] = []
            for one in some where !one.places.isEmpty {
                for (slice, places) in one.places.sorted(by: { $0.key < $1.key }) {
                    ends += places.map { LedgerEnd(slice, position: $0, how: "resubmitted") }
                }
                if one.job.candidate.isPilot { ends.append(LedgerEnd(pilot: one.job.key.index, how: "resubmitted")) }
            }
            if !ends.isEmpty { try ledger.closed(tag: tag, ends) }
        }
    }

    private func hand(_ part: Part, _ outcomes: inout [Outcome]) {
        var handed = Handed()
        do throws(Diagnostic) {
            try hand(part, &handed)
        } catch {
            handed.trouble = Wording.text(error).line
        }
        for (number, member) in part.members.enumerated() {
            guard let (name, doubt) = handed.places[TaskIndex(number)] else {
                outcomes[member.lost].refusal = handed.trouble ?? "\(part.settings.system) cannot be reached"
                continue
            }
            if outcomes[member.lost].jobs.last != name { outcomes[member.lost].jobs.append(name) }
            outcomes[member.lost].doubt = doubt ?? outcomes[member.lost].doubt
        }
        for one in handed.refused { outcomes[part.members[one.task.position].lost].refusal = one.cause }
    }

    /// What became of a part while it was handed over.
    private struct Handed {
        /// Jobs by task, and why it is not known whether the system has them.
        var places: [TaskIndex: (job: String, doubt: String?)] = [:]
        /// Tasks whose jobs the system did not take.
        var refused: [EndedJob] = []
        /// Why others have none.
        var trouble: String?
    }

    private func hand(_ part: Part, _ handed: inout Handed) throws(Diagnostic) {
        let jobs = RemoteJobs(
            system: try adapters.batchSystem(part.settings.system, state, Host.processors()), settings: part.settings,
            ledger: ledger, clock: adapters.clock, segments: adapters.segments(state), newTag: adapters.newTag)
        defer {
            notes += jobs.takeNotes()
            _ = jobs.leave()
            jobs.close()
        }
        for (number, member) in part.members.enumerated() { jobs.start(TaskIndex(number), member.request) }
        repeat {
            handed.refused += try jobs.turn().filter { $0.kind == .couldNotStart && $0.frame == nil }
            // short jobs may be over before the last ones are handed over
            handed.places.merge(jobs.whereabouts) { $1 }
            if jobs.isHandedOver { break }
            wait(0.05)
        } while true
        if jobs.waiting.isEmpty { handed.trouble = "some of those that run as one are elsewhere" }
    }
}

extension RemoteJobs {
    /// All that waits is submitted, as far as that can be now, and each submission is answered.
    fileprivate var isHandedOver: Bool { !isSubmitting && (waiting.isEmpty || restWaits) }

    /// The jobs that have tasks, and why it is not known whether the system has them.
    fileprivate var whereabouts: [TaskIndex: (job: String, doubt: String?)] {
        var found: [TaskIndex: (job: String, doubt: String?)] = [:]
        for (tag, one) in submissions.byTag {
            for (index, element) in one.elements {
                for member in element.members { found[member.task] = (JobKey(tag, index).text, element.doubt) }
            }
            let doubt = one.elements.values.lazy.compactMap(\.doubt).first
            for member in one.pool?.members.values.flatMap(\.self) ?? [] { found[member.task] = (tag, doubt) }
        }
        return found
    }
}

extension JobOptions {
    /// - Parameter changes: what counts where it says something.
    func changed(by changes: JobOptions) -> JobOptions {
        var changed = self
        changed.cores = changes.cores ?? cores
        changed.memory = changes.memory ?? memory
        changed.disk = changes.disk ?? disk
        changed.walltime = changes.walltime ?? walltime
        changed.gpus = changes.gpus ?? gpus
        changed.queue = changes.queue ?? queue
        changed.extra += changes.extra
        return changed
    }
}

extension JobSettings {
    /// The same for those whose tasks may share a submission.
    fileprivate var identity: String {
        ([String(decoding: head, as: UTF8.self), directory, String(tasksPerJob), leases.text] + command + files)
            .joined(separator: "\u{0}")
    }
}
