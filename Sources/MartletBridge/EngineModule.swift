import CPyShim
import Glibc
import MartletAssembly
import MartletEngine
import MartletModel
import MartletSystem

private let setParentDeathSignal: PyCFunction = { _, number in
    do {
        let signal = try PythonValue.integer(number)
        guard ParentDeath.signal(Int32(clamping: signal)) else {
            return PythonValue.raise(mt_exc_OSError(), "prctl: \(SystemError.text(errno))")
        }
        return mt_none()
    } catch {
        return nil  // PythonValue has set the exception
    }
}

/// Arguments: the log, and little-endian int32: control, answers, page, count of channels, of each its source, its target
/// and whether that is a terminal; then what is to be closed. Returns the pid.
private let startRelay: mt_fastcall = { _, arguments, count in
    do {
        guard count == 2 else { throw BadCall(message: "start_relay() takes 2 arguments, not \(count)") }
        let log = try PythonValue.string(arguments?[0])
        let numbers = try PythonValue.int32s(arguments?[1])
        guard numbers.count >= 4, (1...2).contains(numbers[3]), numbers.count >= 4 + 3 * Int(numbers[3]) else {
            throw BadCall(message: "start_relay(): one or two channels of three numbers each")
        }
        let channels = (0..<Int(numbers[3])).map { place in
            let at = 4 + 3 * place
            return Relay.Channel(source: numbers[at], target: numbers[at + 1], isTerminal: numbers[at + 2] != 0)
        }
        let pid = try Relay.start(
            log: log, control: numbers[0], answers: numbers[1], page: numbers[2],
            closed: Array(numbers[(4 + 3 * channels.count)...]), channels: channels)
        return PyLong_FromLong(Int(pid))
    } catch let error as SystemError {
        return PythonValue.raise(mt_exc_OSError(), error.description)
    } catch let error as BadCall {
        return PythonValue.raise(mt_exc_TypeError(), error.message)
    } catch {
        return nil  // PythonValue has set the exception
    }
}

/// Argument: int32 pairs. Keeps the GIL: nothing here blocks.
private let relayWaits: PyCFunction = { _, ends in
    do { return PyLong_FromLong(Relay.waits(try PythonValue.bytes(ends)) ? 1 : 0) } catch { return nil }
}

/// Argument: a path as bytes. None where it cannot be found out.
private let realPath: PyCFunction = { _, path in
    do {
        let bytes = try PythonValue.bytes(path)
        let start = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)  // with a NUL behind, as Python keeps bytes
        guard strlen(start) == bytes.count, let real = withoutGIL({ File.realPath(start) }) else { return mt_none() }
        return PythonValue.make(bytes: real)
    } catch {
        return nil  // PythonValue has set the exception
    }
}

private let stamp: PyCFunction = { _, _ in Stamp.now() }

private let doneFrames: mt_fastcall = { _, arguments, count in
    do {
        guard count == 3 else { throw BadCall(message: "done_frames() takes 3 arguments, not \(count)") }
        let made = try DoneFrames.make(
            rows: arguments?[0], since: arguments?[1], epoch: try PythonValue.integer(arguments?[2]))
        return PythonValue.pair(PythonValue.make(bytes: made.frames), PythonValue.make(made.absent))
    } catch let error as BadCall {
        return PythonValue.raise(mt_exc_TypeError(), error.message)
    } catch {
        return nil  // PythonValue has set the exception
    }
}

/// The fault that the caller has to carry out, in words; empty for none.
private let passFailPoint: PyCFunction = { _, name in
    do {
        guard let point = FailPoint(rawValue: try PythonValue.string(name)) else {
            return PythonValue.raise(mt_exc_ValueError(), "there is no such fail point")
        }
        switch point.pass() {
        case .none: return PythonValue.make("")
        case .error(let code): return PythonValue.make("error \(code)")
        case .short(let bytes): return PythonValue.make("short \(bytes)")
        case .torn(let bytes): return PythonValue.make("torn \(bytes)")
        case .skip: return PythonValue.make("skip")
        }
    } catch {
        return nil  // PythonValue has set the exception
    }
}

private let batchSystems: PyCFunction = { _, _ in
    var writer = JSONWriter()
    writer.beginArray()
    for name in Assembly.batchSystemNames { writer.string(name) }
    writer.endArray()
    return PythonValue.make(String(decoding: writer.bytes, as: UTF8.self))
}

private let history: mt_fastcall = { _, arguments, count in
    raising {
        guard count == 2 else { throw BadCall(message: "history() takes 2 arguments, not \(count)") }
        let state = try PythonValue.string(arguments?[0])
        let names = try JSON.parse(try PythonValue.string(arguments?[1])).members ?? []
        let tasks = names.map { (id: $0.name, claimName: $0.value.string ?? $0.name) }
        return PythonValue.make(try withoutGIL { try Assembly.history(of: tasks, in: state).text })
    }
}

private let completeResult: mt_fastcall = { _, arguments, count in
    raising {
        guard count == 3 else { throw BadCall(message: "complete_result() takes 3 arguments, not \(count)") }
        let site = try JSON.parse(try PythonValue.string(arguments?[0]))
        let tasks = try JSON.parse(try PythonValue.string(arguments?[1])).array?.compactMap(\.string) ?? []
        let state = try PythonValue.string(arguments?[2])
        return PythonValue.make(try Assembly.completeResult(site, tasks: tasks, state: state).json.text)
    }
}

private func names<T: CaseIterable>(_: T.Type) -> JSON { .array(T.allCases.map { .string("\($0)") }) }

private let vocabulary: PyCFunction = { _, _ in
    var writer = JSONWriter()
    writer.value(
        .object([
            JSONMember("states", names(TaskState.self)), JSONMember("reasons", names(Reason.Code.self)),
            JSONMember("kinds", names(PlannedTask.Kind.self)), JSONMember("outcomes", names(Outcome.Kind.self)),
            JSONMember("lanes", names(Lane.self)),
            JSONMember("fail_points", .array(FailPoint.allCases.map { .string($0.rawValue) })),
        ]))
    return PythonValue.make(String(decoding: writer.bytes, as: UTF8.self))
}

private let fill: @convention(c) (PyRef?) -> Int32 = { module in
    for (name, value) in [("Run", makeRunType()), ("__version__", PythonValue.make(Version.current))] {
        guard let value else { return -1 }
        if PyModule_AddObject(module, name, value) < 0 {
            Py_DecRef(value)
            return -1
        }
    }
    return 0
}

/// The module `martlet._engine`, for its entry point and for tests.
public func makeEngineModule() -> PyRef? {
    let methods = immortal([
        mt_def_o(immortal("set_parent_death_signal"), setParentDeathSignal, nil),
        mt_def_fast(immortal("start_relay"), startRelay, nil),
        mt_def_o(immortal("relay_waits"), relayWaits, nil),
        mt_def_o(immortal("real_path"), realPath, nil),
        mt_def_noargs(immortal("stamp"), stamp, nil),
        mt_def_fast(immortal("done_frames"), doneFrames, nil),
        mt_def_noargs(immortal("batch_systems"), batchSystems, nil),
        mt_def_o(immortal("pass_fail_point"), passFailPoint, nil),
        mt_def_noargs(immortal("vocabulary"), vocabulary, nil),
        mt_def_fast(immortal("history"), history, nil),
        mt_def_fast(immortal("complete_result"), completeResult, nil),
    ] + storageFunctions() + recordFunctions() + [PyMethodDef()])
    return mt_module_def_init(immortal("martlet._engine"), immortal("The engine."), methods, fill)
}
