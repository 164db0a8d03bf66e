import CPyShim
import MartletEngine
import MartletModel
import MartletRuntime
import MartletSystem

/// Wraps a method of `Run` that takes exactly `count` arguments.
func call(
    _ object: PyRef?, _ given: Int, _ count: Int, _ name: String, _ body: (RunState) throws -> PyRef?
) -> PyRef? {
    withRun(object) { run in
        guard given == count else { throw BadCall(message: "\(name)() takes \(count) arguments, not \(given)") }
        return try body(run)
    }
}

func tasks(_ indices: [Int32]) -> [TaskIndex] { indices.map { TaskIndex(UInt32(bitPattern: $0)) } }

private let check: mt_fastcall = { object, arguments, count in
    call(object, count, 5, "check") { run in
        let counts = try PythonValue.int32s(arguments?[1])
        let isAnew = try PythonValue.integer(arguments?[4]) != 0
        let found = try Presence.look(at: arguments?[0], for: run, anew: isAnew)
        let answers = try Presence.summarise(found, counts)
        try Presence.claim(
            arguments?[0], counts, for: try PythonValue.int32s(arguments?[2]), answers: answers,
            everything: try PythonValue.integer(arguments?[3]) != 0, in: &run.claims)
        return PythonValue.make(answers)
    }
}

private let look: mt_fastcall = { object, arguments, count in
    call(object, count, 4, "look") { run in
        let counts = try PythonValue.int32s(arguments?[1])
        let found = try Presence.look(at: arguments?[0], for: run, anew: try PythonValue.integer(arguments?[3]) != 0)
        let unknown = [Int32](repeating: 0, count: counts.count)
        try Presence.claim(
            arguments?[0], counts, for: try PythonValue.int32s(arguments?[2]), answers: unknown, everything: true,
            in: &run.claims)
        return PythonValue.make(bytes: found.map(Presence.number))
    }
}

private let names: mt_fastcall = { object, arguments, count in
    call(object, count, 3, "names") { run in
        let counts = try PythonValue.int32s(arguments?[1])
        try Presence.claim(
            arguments?[0], counts, for: try PythonValue.int32s(arguments?[2]), answers: counts, everything: true, in: &run.claims)
        return mt_none()
    }
}

private let unreachable: PyCFunction = { object, place in
    withRun(object) { run in
        guard let error = run.unreachable[try PythonValue.integer(place)] else { return PythonValue.make("") }
        return PythonValue.make(Wording.text(Diagnostic(error.code, subject: "", cause: error.message)).line)
    }
}

private let sharedOutputs: PyCFunction = { object, _ in withRun(object) { PythonValue.make($0.claims.take()) } }

private let plan: PyCFunction = { object, columns in
    withRun(object) { run in
        run.driver.plan(try PlannedColumns.read(columns))
        return mt_none()
    }
}

private let allow: mt_fastcall = { object, arguments, count in
    call(object, count, 3, "allow") { run in
        let failing = try PythonValue.integer(arguments?[2])
        run.driver.allow(
            TaskIndex(try PythonValue.integer(arguments?[0])), lacking: try PythonValue.integer(arguments?[1]),
            failing: failing < 0 ? nil : failing)
        return mt_none()
    }
}

private let terms: PyCFunction = { object, text in
    withRun(object) { run in PyLong_FromLong(run.driver.number(of: try Terms(json: try PythonValue.string(text)))) }
}

private let openPlan: PyCFunction = { object, _ in
    withRun(object) { run in
        withoutGIL { run.driver.openPlan() }
        return mt_none()
    }
}

private let refuse: PyCFunction = { object, index in
    withRun(object) { run in
        run.driver.refuse(TaskIndex(try PythonValue.integer(index)))
        return mt_none()
    }
}

private let isHalted: PyCFunction = { object, _ in
    withRun(object) { PyLong_FromLong($0.driver.isHalted ? 1 : 0) }
}

private let planned: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "planned") { run in
        let roots = tasks(try PythonValue.int32s(arguments?[0]))
        let until = Set(try PythonValue.int32s(arguments?[1]).map { FamilyIndex(UInt32(bitPattern: $0)) })
        let cycle = withoutGIL { run.driver.planned(roots: roots, until: until) }
        return PythonValue.make(cycle.map { Int32(bitPattern: $0.raw) })
    }
}

private let openRecords: mt_fastcall = { object, arguments, count in
    call(object, count, 3, "open_records") { run in
        try run.driver.openRecords(
            state: try PythonValue.string(arguments?[0]), logs: try PythonValue.string(arguments?[1]),
            head: try JSON.parse(try PythonValue.string(arguments?[2])), after: run.previous)
        run.previous = nil
        return PythonValue.make(run.driver.claimsFile)
    }
}

private let goOnFrom: PyCFunction = { object, other in
    guard let object, let other, object.pointee.ob_type == other.pointee.ob_type else {
        return PythonValue.raise(mt_exc_TypeError(), "go_on_from() takes a Run")
    }
    return withRun(object) { run in
        withRun(other) { previous in
            run.previous = previous.driver
            return mt_none()
        }
    }
}

private let addWorker: mt_fastcall = { object, arguments, count in
    call(object, count, 5, "add_worker") { run in
        let id = WorkerID(UInt32(clamping: try PythonValue.integer(arguments?[0])))
        let socket = Descriptor(Int32(clamping: try PythonValue.integer(arguments?[1])))
        run.driver.addWorker(
            id, socket: socket, pid: Int32(clamping: try PythonValue.integer(arguments?[2])),
            knows: try PythonValue.integer(arguments?[3]), alone: try PythonValue.integer(arguments?[4]) != 0)
        return mt_none()
    }
}

private let addZygote: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "add_zygote") { run in
        run.driver.addZygote(
            socket: Descriptor(Int32(clamping: try PythonValue.integer(arguments?[0]))),
            knows: try PythonValue.integer(arguments?[1]))
        return mt_none()
    }
}

private let teach: PyCFunction = { object, lesson in
    withRun(object) { run in
        run.driver.teach([UInt8](try PythonValue.bytes(lesson)))
        return mt_none()
    }
}

private let renewWorkers: PyCFunction = { object, _ in
    withRun(object) { run in
        withoutGIL { run.driver.renewWorkers() }
        return mt_none()
    }
}

private let asked: PyCFunction = { object, index in
    withRun(object) { PythonValue.make($0.driver.asked(by: TaskIndex(try PythonValue.integer(index)))) }
}

private let outfit: PyCFunction = { object, index in
    withRun(object) { PythonValue.make($0.driver.outfit(of: TaskIndex(try PythonValue.integer(index)))) }
}

private let suspend: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "suspend") { run in
        let task = TaskIndex(try PythonValue.integer(arguments?[0]))
        run.driver.suspend(task, needs: tasks(try PythonValue.int32s(arguments?[1])))
        return mt_none()
    }
}

private let toClaim: PyCFunction = { object, _ in withRun(object) { PythonValue.make(numbers($0.driver.toClaim)) } }
private let toLookAt: PyCFunction = { object, _ in withRun(object) { PythonValue.make(numbers($0.driver.toLookAt)) } }

func numbers(_ tasks: [TaskIndex]) -> [Int32] { tasks.map { Int32(bitPattern: $0.raw) } }

private let claim: PyCFunction = { object, ids in
    withRun(object) { run in
        let count = PyList_Size(ids)
        guard count >= 0 else { throw PythonExceptionSet() }
        guard count == run.driver.toClaim.count else { throw BadCall(message: "claim(): not one id a task") }
        let digests = try (0..<count).map { TaskDigest(of: UnsafeRawBufferPointer(try PythonValue.utf8(PyList_GetItem(ids, $0)))) }
        withoutGIL { run.driver.claim(digests) }
        return mt_none()
    }
}

private let looked: PyCFunction = { object, kinds in
    withRun(object) { run in
        let kinds = try PythonValue.bytes(kinds).map { raw in
            guard let kind = PlannedTask.Kind(rawValue: raw) else { throw BadCall(message: "looked(): there is no kind \(raw)") }
            return kind
        }
        guard kinds.count == run.driver.toLookAt.count else { throw BadCall(message: "looked(): not one kind a task") }
        run.driver.looked(kinds)
        return mt_none()
    }
}

private let followers: PyCFunction = { object, index in
    withRun(object) { run in
        let followers = run.driver.engine.followers(of: TaskIndex(try PythonValue.integer(index)))
        return PythonValue.make(followers.map { Int32(bitPattern: $0.raw) })
    }
}

private let startChild: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "start_child") { run in
        let task = TaskIndex(try PythonValue.integer(arguments?[0]))
        run.driver.startChild(task, try ProgramRequest(json: try PythonValue.string(arguments?[1])))
        return mt_none()
    }
}

private let startCommands: PyCFunction = { object, requests in
    withRun(object) { run in
        let read = try CommandRequest.read(json: try PythonValue.string(requests))
        withoutGIL { run.driver.startCommands(read) }
        return mt_none()
    }
}

private let upcomingChildren: PyCFunction = { object, most in
    withRun(object) { run in
        let tasks = run.driver.upcomingChildren(most: try PythonValue.integer(most))
        return PythonValue.make(tasks.map { Int32(bitPattern: $0.raw) })
    }
}

private let commandEnd: PyCFunction = { object, index in
    withRun(object) { PythonValue.make($0.driver.commandEnd(of: TaskIndex(try PythonValue.integer(index)))) }
}

private let advance: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "advance") { run in
        var bytes = [UInt8](try PythonValue.bytes(arguments?[0]))
        let frames = try OutcomeFrame.readAll(&bytes)
        let seconds = try PythonValue.double(arguments?[1])
        run.isBusy = true
        let requests = withoutGIL { run.driver.advance(frames, milliseconds: Int(max(0, min(seconds, 3600)) * 1000)) }
        run.isBusy = false
        return PythonValue.make(requests.flatMap { [$0.number, $0.argument] })
    }
}

private let giveBack: PyCFunction = { object, indices in
    withRun(object) { run in
        run.driver.giveBack(tasks(try PythonValue.int32s(indices)))
        return mt_none()
    }
}

private let interrupt: PyCFunction = { object, level in
    withRun(object) { run in
        run.driver.interrupt(level: try PythonValue.integer(level))
        return mt_none()
    }
}

private let snapshot: PyCFunction = { object, _ in withRun(object) { PythonValue.make($0.driver.snapshot()) } }
private let summary: PyCFunction = { object, _ in withRun(object) { PythonValue.make($0.driver.summary()) } }
private let left: PyCFunction = { object, _ in withRun(object) { PythonValue.make($0.driver.left()) } }
private let states: PyCFunction = { object, _ in
    withRun(object) { PythonValue.make(bytes: $0.driver.engine.states.map(\.rawValue)) }
}

private let reason: PyCFunction = { object, index in
    withRun(object) { run in
        let task = TaskIndex(try PythonValue.integer(index))
        let reason = run.driver.engine.reason(of: task)
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("code")
        writer.integer(reason.code.rawValue)
        writer.name("task")
        if let subject = reason.subject { writer.integer(subject.raw) } else { writer.null() }
        if let holder = run.driver.otherHolder(of: task) {
            writer.name("holder")
            writer.string(holder)
        }
        writer.endObject()
        return PythonValue.make(String(decoding: writer.bytes, as: UTF8.self))
    }
}

private let noteRecords: PyCFunction = { object, text in
    withRun(object) { run in
        let lines = [UInt8](try PythonValue.bytes(text)).split(separator: UInt8(ascii: "\n")).map(Array.init)
        withoutGIL { run.driver.note(records: lines) }
        return mt_none()
    }
}

private let close: PyCFunction = { object, _ in
    withRun(object) { run in
        withoutGIL { run.driver.close() }
        return mt_none()
    }
}

/// The methods of `Run` itself, and those about reports and jobs, with the empty entry that ends the table.
func runMethods() -> [PyMethodDef] {
    [
        mt_def_fast(immortal("check"), check, nil),
        mt_def_fast(immortal("look"), look, nil),
        mt_def_fast(immortal("names"), names, nil),
        mt_def_fast(immortal("allow"), allow, nil),
        mt_def_o(immortal("unreachable"), unreachable, nil),
        mt_def_noargs(immortal("shared_outputs"), sharedOutputs, nil),
        mt_def_o(immortal("plan"), plan, nil),
        mt_def_o(immortal("terms"), terms, nil),
        mt_def_noargs(immortal("open_plan"), openPlan, nil),
        mt_def_o(immortal("refuse"), refuse, nil),
        mt_def_noargs(immortal("is_halted"), isHalted, nil),
        mt_def_fast(immortal("planned"), planned, nil),
        mt_def_fast(immortal("open_records"), openRecords, nil),
        mt_def_o(immortal("go_on_from"), goOnFrom, nil),
        mt_def_fast(immortal("add_worker"), addWorker, nil),
        mt_def_fast(immortal("add_zygote"), addZygote, nil),
        mt_def_o(immortal("teach"), teach, nil),
        mt_def_noargs(immortal("renew_workers"), renewWorkers, nil),
        mt_def_o(immortal("asked"), asked, nil),
        mt_def_o(immortal("outfit"), outfit, nil),
        mt_def_fast(immortal("suspend"), suspend, nil),
        mt_def_o(immortal("followers"), followers, nil),
        mt_def_fast(immortal("start_child"), startChild, nil),
        mt_def_o(immortal("start_commands"), startCommands, nil),
        mt_def_o(immortal("upcoming_children"), upcomingChildren, nil),
        mt_def_o(immortal("command_end"), commandEnd, nil),
        mt_def_fast(immortal("advance"), advance, nil),
        mt_def_o(immortal("give_back"), giveBack, nil),
        mt_def_noargs(immortal("to_claim"), toClaim, nil),
        mt_def_o(immortal("claim"), claim, nil),
        mt_def_noargs(immortal("to_look_at"), toLookAt, nil),
        mt_def_o(immortal("looked"), looked, nil),
        mt_def_o(immortal("interrupt"), interrupt, nil),
        mt_def_noargs(immortal("snapshot"), snapshot, nil),
        mt_def_noargs(immortal("summary"), summary, nil),
        mt_def_noargs(immortal("left"), left, nil),
        mt_def_noargs(immortal("states"), states, nil),
        mt_def_o(immortal("reason"), reason, nil),
        mt_def_o(immortal("note_records"), noteRecords, nil),
        mt_def_noargs(immortal("close"), close, nil),
    ] + reportMethods() + jobMethods() + [PyMethodDef()]
}

extension Driver.Request {
    /// The number under which Python knows it: `martlet.running.pump.Request`.
    var number: Int32 {
        switch self {
        case .runHere: return 1
        case .wantWorkers: return 2
        case .startChild: return 3
        case .startJob: return 4
        case .ended: return 5
        case .lost: return 6
        case .resumeHere: return 7
        case .forgetHere: return 8
        case .asked: return 9
        case .timedOut: return 10
        case .wantProcesses: return 11
        case .equipHere: return 12
        case .claim: return 13
        case .lookAgain: return 14
        case .commandEnded: return 15
        case .name: return 16
        }
    }
    var argument: Int32 {
        switch self {
        case .runHere(let task), .startChild(let task), .startJob(let task), .lost(let task), .resumeHere(let task),
            .forgetHere(let task), .asked(let task), .timedOut(let task), .equipHere(let task),
            .commandEnded(let task):
            return Int32(bitPattern: task.raw)
        case .wantWorkers(let count), .wantProcesses(let count), .claim(let count), .lookAgain(let count),
            .name(let count):
            return Int32(clamping: count)
        case .ended: return 0
        }
    }
}
