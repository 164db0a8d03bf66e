import MartletModel
import MartletPorts
import MartletRecords
import MartletStorage
import MartletSystem

/// Jobs in other batch systems than the one that a run uses, of tasks that it is about to run: these would be done twice.
enum ForeignJobs {
    /// Seconds for which a system's answer is awaited. Commands have longer limits, but nothing runs meanwhile.
    private static let patience = 60.0

    /// Tasks of which the ledger has submissions that are not closed, by the system that has them: nobody is asked.
    /// - Parameter own: the run's own system, which is left out.
    /// - Returns: an object of a system's name to ids of tasks.
    /// - Throws: `.recordUnreadable`.
    static func tasks(of state: String, besides own: String?) throws(Diagnostic) -> JSON {
        let ledger = Ledger(directory: "\(state)/ledger", header: .forThisProcess(kind: .ledger))
        var tasks: [String: [JSON]] = [:]
        for submission in try ledger.open() where submission.entry.system != own {
            for (element, places) in submission.open {
                for place in places {
                    tasks[submission.entry.system, default: []] += submission.entry.slices.tasks(element, place).map(JSON.string)
                }
            }
        }
        return .object(tasks.sorted { $0.key < $1.key }.map { JSONMember($0.key, .array($0.value)) })
    }

    /// Asks a system once how the jobs are that the ledger has there.
    /// - Returns: `{"jobs":{task:{"job":…,"tag":…,"state":…,"reason":…},…},"gaps":[…]}`: jobs that may live, as far as anybody knows, by
    ///   the ids of their tasks, and what could not be found out.
    /// - Throws: `.recordUnreadable`.
    static func living(in system: String, of state: String, _ attention: Attention) throws(Diagnostic) -> JSON {
        var open = try OpenJobs(of: state, in: system) { attention() || $0 > patience }
        open.close()
        var members: [JSONMember] = [], living: [String: OpenJobs.Job] = [:]
        for job in open.jobs where job.mayLive {
            // of pilots: whichever lives takes what none of them has
            if living[job.key.tag] == nil || job.state == .running { living[job.key.tag] = job }
            members += job.tasks.map { JSONMember($0, json(job, job.key.text)) }
        }
        for rest in open.unclaimed {
            guard let pilot = living[rest.tag] else { continue }
            members += rest.tasks.map { JSONMember($0, json(pilot, rest.tag)) }
        }
        return ["jobs": .object(members), "gaps": .array(open.gaps.map(JSON.string))]
    }

    private static func json(_ job: OpenJobs.Job, _ name: String) -> JSON {
        ["job": .string(name), "tag": .string(job.key.tag), "state": .string(job.word), "reason": JSON(job.reason)]
    }

    /// Which tasks other runs hold at this moment.
    /// - Parameters:
    ///   - tasks: names under which runs claim them, by id.
    ///   - own: the run that asks: its claims file.
    /// - Returns: an array of ids.
    /// - Throws: `.recordUnreadable`.
    static func held(_ tasks: [JSONMember], in state: String, besides own: String?) throws(Diagnostic) -> JSON {
        let digests = tasks.map { TaskDigest(of: $0.value.string ?? $0.name) }
        let survey = try LeaseSurvey(of: Set(digests), directory: "\(state)/leases")
        return .array(
            zip(tasks, digests).compactMap { task, digest in
                survey.held[digest].flatMap { $0.run == own ? nil : .string(task.name) }
            })
    }
}
