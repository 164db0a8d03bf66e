import MartletEngine
import MartletModel
import MartletSystem

/// What arrives: ends of tasks in workers, child programs and jobs, and lost processes.
extension Driver {
    func take(_ arrivals: [WorkerPool.Arrival]) {
        var ended: [EndedExecution] = []
        for arrival in arrivals {
            switch arrival {
            case .outcome(let frame, let worker): ended.append(EndedExecution(frame: frame, worker: worker))
            case .lost(let worker, let cause, let begin):
                take(ended)  // what it said before
                ended = []
                let head = engine.running.first { $0.worker == worker }?.tasks.first
                tell([.workerLeft(worker)])
                if let head {
                    lose(head, Loss(cause: cause, worker: worker, log: executions.logs.rest(of: head, worker, from: begin)))
                }
            }
        }
        take(ended)
    }

    /// A program or job ended: its result says how the task did, or it left none.
    func take(_ end: EndedProgram, from worker: WorkerID) {
        let log = Execution.LogSpan(file: end.request.log, offset: 0, length: FileLength.of(end.request.log))
        if executions.isOver(end.task) { return lose(end.task, Loss(cause: end.trouble, worker: worker, log: log)) }
        do {
            take([EndedExecution(frame: try end.frame(), worker: worker, log: log)])
        } catch {
            let why = end.trouble ?? "its program left no result"
            lose(end.task, Loss(cause: "\(why); see \(end.request.log)", worker: worker, log: log))
        }
    }

    func take(_ jobs: [EndedJob]) {
        var ended: [EndedExecution] = []
        for job in jobs {
            if let frame = job.frame {
                var one = EndedExecution(frame: frame, worker: Driver.batch, log: job.span)
                one.recorded = job.recorded
                ended.append(one)
            } else {
                let log = job.log.isEmpty ? nil : job.span
                lose(job.task, Loss(kind: job.kind, cause: job.cause, worker: Driver.batch, log: log))
            }
        }
        take(ended)
    }

    func take(_ programs: [ChildPrograms.Ended]) {
        var ended: [EndedExecution] = []
        for one in programs {
            switch one {
            case .program(let end): take(end, from: Driver.children)
            case .command(let frame, let log, let isHeard):
                let end = EndedExecution(frame: frame, worker: Driver.children, log: log)
                if executions.isOver(frame.task) {
                    lose(frame.task, Loss(cause: nil, worker: Driver.children, log: log))
                } else if isHeard {
                    commands.keep(end)
                    pending.append(.commandEnded(frame.task))
                } else {
                    ended.append(end)
                }
            }
        }
        take(ended)
    }

    func lose(_ task: TaskIndex, _ loss: Loss) { pending.append(executions.lose(task, loss)) }

    func couldNotStart(_ task: TaskIndex, _ why: String) {
        lose(task, Loss(kind: .couldNotStart, cause: why, worker: engine.holder(of: task) ?? Driver.children))
    }

    /// Records what ended, with one write, and only then lets others go on because of it.
    func take(_ ended: [EndedExecution]) {
        guard !ended.isEmpty else { return }
        let now = self.now
        var ended = held(ended)
        ended.removeAll { one in
            guard one.frame.asks else { return false }
            if slice != nil { slice!.asking.append(one) } else { ask(for: one.frame, now: now) }
            return true
        }
        leaveQuestions()
        guard !ended.isEmpty else { return }
        for i in ended.indices {
            commands.complete(&ended[i])
            executions.complete(&ended[i], now: now)
        }
        FailPoint.beforeReport.pass()
        let troubles = slice == nil ? records.record(ended, engine).map(\.trouble) : reportAndLeave(&ended)
        var events: [Event] = []
        events.reserveCapacity(ended.count)
        for (i, trouble) in troubles.enumerated() {
            if let trouble {
                // what is not recorded did not happen: the task fails with that cause, and can run again
                ended[i].frame.kind = .raised
                ended[i].frame.text = Driver.words(trouble)
            }
            endings.took(ended[i])
            executions.end(ended[i].frame.task, log: ended[i].log)
            let (task, kind) = (ended[i].frame.task, ended[i].frame.kind)
            events.append(.ended(task, Outcome(kind, wall: ended[i].frame.wall, wornOut: ended[i].frame.isWorn)))
        }
        if troubles.contains(where: { $0 != nil }) { events.append(.interrupted(.unrecordable)) }
        FailPoint.beforeRelease.pass()
        tell(events)
        FailPoint.afterRelease.pass()
    }

    private func ask(for frame: OutcomeFrame, now: UInt64) {
        executions.pause(frame.task, now: now)
        questions[frame.task] = frame.text
        pending.append(.asked(frame.task))
    }

    /// Those of them that end a lease, each with what the engine knows of it.
    private func held(_ ended: consuming [EndedExecution]) -> [EndedExecution] {
        let leases = engine.leases(on: ended.map(\.frame.task))
        for i in ended.indices { ended[i].lease = leases[i] }
        var seen: Set<TaskIndex> = []
        ended.removeAll { !($0.lease!.isHeld && seen.insert($0.frame.task).inserted) }
        return ended
    }
}
