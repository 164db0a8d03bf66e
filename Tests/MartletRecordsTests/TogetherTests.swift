import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRecords

/// Several runs want the same tasks; they come, claim, run, fail, end and are killed at random moments.
private final class Crowd {
    struct Run {
        let leases: any LeaseTable
        let name: String
        let view: Int
        var asked: [Int] = []
        /// Claimed, and not begun.
        var mine: [Int] = []
        var running: (task: Int, end: UInt64)?
        var held: Set<Int> = []
        /// Complete when the run was planned, or found so since.
        var complete: Set<Int>
        var isGone = false
    }

    let digests: [TaskDigest]
    var runs: [Run] = []
    /// When each task was completed.
    var done: [Int: UInt64] = [:]
    var executions: [Int: Int] = [:]
    var wrong: [String] = []
    var random: SeededRandom
    var now: UInt64 = 1_000
    let lag: UInt64

    init(tasks: Int, lag: UInt64, seed: UInt64) {
        digests = (0..<tasks).map { TaskDigest(of: "Task_\($0)") }
        self.lag = lag
        random = SeededRandom(seed: seed)
    }

    /// What a run sees of the outputs: each comes into its sight within the lag.
    func sees(_ task: Int) -> Bool {
        guard let when = done[task] else { return false }
        return lag == 0 || now >= when + UInt64.random(in: 0...lag, using: &random)
    }

    func join(_ leases: any LeaseTable, _ name: () -> String?, view: Int) throws {
        leases.observe()
        let complete = Set(digests.indices.filter { sees($0) })
        try leases.join(now: now)
        runs.append(Run(leases: leases, name: name() ?? "", view: view, complete: complete))
    }

    /// One step of one run. Returns false when it has nothing left to do.
    func step(_ i: Int) throws {
        if let running = runs[i].running {
            guard now >= running.end else { return }
            runs[i].running = nil
            if random.chance(0.1) {
                try runs[i].leases.release(done: [], undone: [digests[running.task]])
            } else {
                if done[running.task] != nil { wrong.append("task \(running.task) is completed twice") }
                done[running.task] = now
                runs[i].complete.insert(running.task)
                try runs[i].leases.release(done: [digests[running.task]], undone: [])
            }
            return
        }
        if !runs[i].asked.isEmpty {
            if let answers = try runs[i].leases.answers(now: now) { try take(answers, i) }
        } else if !runs[i].mine.isEmpty {
            return begin(runs[i].mine.removeFirst(), i)
        } else {
            if let due = runs[i].leases.due, now >= due { _ = try runs[i].leases.answers(now: now) }
            try claim(i)
        }
    }

    private func claim(_ i: Int) throws {
        let held = runs[i].held.sorted()
        if !held.isEmpty && random.chance(0.3) {
            for (task, standing) in zip(held, try runs[i].leases.look(held.map { digests[$0] }, now: now)) {
                guard case .free = standing else { continue }
                runs[i].held.remove(task)
                if sees(task) { runs[i].complete.insert(task) }
            }
        }
        let open = digests.indices.filter { !runs[i].complete.contains($0) && !runs[i].held.contains($0) }
        if open.isEmpty { return }
        runs[i].asked = Array(open.prefix(Int.random(in: 1...4, using: &random)))
        try runs[i].leases.claim(runs[i].asked.map { digests[$0] }, startingNow: 1, now: now)
    }

    private func take(_ answers: [LeaseAnswer], _ i: Int) throws {
        for (task, answer) in zip(runs[i].asked, answers) {
            switch answer {
            case .held: runs[i].held.insert(task)
            case .ours: runs[i].mine.append(task)
            case .oursAfter:
                if sees(task) {
                    runs[i].complete.insert(task)
                    try runs[i].leases.release(done: [], undone: [digests[task]])
                } else {
                    runs[i].mine.append(task)
                }
            }
        }
        runs[i].asked = []
    }

    private func begin(_ task: Int, _ i: Int) {
        if let other = runs.firstIndex(where: { !$0.isGone && $0.running?.task == task }) {
            wrong.append("task \(task) runs in \(other) and \(i) at once")
        }
        if done[task] != nil { wrong.append("task \(task) is begun though it is complete") }
        executions[task, default: 0] += 1
        runs[i].running = (task, now + UInt64.random(in: 0...(6 * max(lag, 10)), using: &random))
    }

    func kill(_ i: Int) {
        runs[i].leases.end(processesLeft: true)
        runs[i].isGone = true
        runs[i].running = nil
    }

    /// Ends the runs that have nothing left to do.
    func endThoseWhoAreDone() {
        for i in runs.indices where !runs[i].isGone && runs[i].running == nil && runs[i].asked.isEmpty && runs[i].mine.isEmpty {
            guard runs[i].complete.count == digests.count else { continue }
            runs[i].leases.end(processesLeft: false)
            runs[i].isGone = true
        }
    }

    var isOver: Bool { !runs.isEmpty && runs.allSatisfy(\.isGone) && done.count == digests.count }
}

@Suite struct TogetherTests {
    @Test(arguments: 1...15)
    func onOneMachineNoTaskRunsTwice(seed: UInt64) throws {
        let scratch = try ScratchDirectory("together")
        let crowd = Crowd(tasks: 12, lag: 0, seed: seed)
        for step in 0..<20_000 {
            if crowd.isOver { break }
            crowd.now += 5
            if crowd.runs.filter({ !$0.isGone }).count < 3 && crowd.random.chance(step == 0 ? 1 : 0.05) {
                let leases = LocalLeases(directory: scratch.path + "/leases")
                try crowd.join(leases, { leases.name }, view: 0)
            }
            guard let i = crowd.runs.indices.filter({ !crowd.runs[$0].isGone }).randomElement(using: &crowd.random) else { continue }
            if crowd.random.chance(0.005) { crowd.kill(i) } else { try crowd.step(i) }
            crowd.endThoseWhoAreDone()
        }
        #expect(crowd.wrong.isEmpty, "seed \(seed): \(crowd.wrong.first ?? "")")
        #expect(crowd.done.count == 12, "seed \(seed)")
    }

    @Test(arguments: 1...15)
    func whereWritesAreSeenLateNoTaskRunsTwice(seed: UInt64) throws {
        let timeout: UInt64 = 3_000, lag = timeout / 30
        let folders = try LaggingFolders(6, lag: lag, seed: seed)
        let crowd = Crowd(tasks: 8, lag: lag, seed: seed)
        var beats = 0
        for step in 0..<20_000 {
            if crowd.isOver { break }
            crowd.now += UInt64.random(in: 1...20, using: &crowd.random)
            try folders.pass(crowd.now)
            if crowd.runs.count < 6 && crowd.random.chance(step == 0 ? 1 : 0.03) {
                let view = crowd.runs.count
                let leases = SharedLeases(directory: folders.views[view], timeout: timeout, enclosing: []) { _, _ in nil }
                try crowd.join(leases, { leases.name }, view: view)
            }
            beats += 1
            for run in crowd.runs where !run.isGone && beats % 5 == 0 {
                try folders.beat(run.view, run.name, beats, crowd.now)
            }
            guard let i = crowd.runs.indices.filter({ !crowd.runs[$0].isGone }).randomElement(using: &crowd.random) else { continue }
            // the last one lives on and does what is left
            if i < 5 && crowd.random.chance(0.002) { crowd.kill(i) } else { try crowd.step(i) }
            try folders.pass(crowd.now)
            crowd.endThoseWhoAreDone()
        }
        #expect(crowd.wrong.isEmpty, "seed \(seed): \(crowd.wrong.first ?? "")")
        #expect(crowd.done.count == 8, "seed \(seed): \(crowd.done.count) of 8 were made")
    }
}
