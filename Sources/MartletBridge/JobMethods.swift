import CPyShim
import MartletEngine
import MartletModel
import MartletRuntime

private let startJob: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "start_job") { run in
        let task = TaskIndex(try PythonValue.integer(arguments?[0]))
        try run.driver.startJob(task, json: try PythonValue.string(arguments?[1]))
        return mt_none()
    }
}

private let joinBatch: PyCFunction = { object, settings in
    withRun(object) { run in
        let read = try JobSettings(json: try PythonValue.string(settings))
        do throws(Diagnostic) {
            try run.driver.joinBatch(read)
        } catch {
            let (line, hint) = Wording.text(error)
            return PythonValue.make("\(line)\n\(hint)")
        }
        return mt_none()
    }
}

private let cancelJobs: PyCFunction = { object, _ in
    withRun(object) { run in
        run.driver.cancelJobs()
        return mt_none()
    }
}

private let holdJobs: PyCFunction = { object, held in
    withRun(object) { run in
        run.driver.holdJobs(try PythonValue.integer(held) != 0)
        return mt_none()
    }
}

private let openJobs: PyCFunction = { object, _ in withRun(object) { PyLong_FromLong($0.driver.openJobs) } }

private let isSubmitting: PyCFunction = { object, _ in
    withRun(object) { PyLong_FromLong($0.driver.isSubmitting ? 1 : 0) }
}

private let isAtRest: PyCFunction = { object, _ in withRun(object) { PyLong_FromLong($0.driver.isAtRest ? 1 : 0) } }

/// The methods of `Run` about a batch system and the jobs in it.
func jobMethods() -> [PyMethodDef] {
    [
        mt_def_fast(immortal("start_job"), startJob, nil),
        mt_def_o(immortal("join_batch"), joinBatch, nil),
        mt_def_noargs(immortal("cancel_jobs"), cancelJobs, nil),
        mt_def_o(immortal("hold_jobs"), holdJobs, nil),
        mt_def_noargs(immortal("open_jobs"), openJobs, nil),
        mt_def_noargs(immortal("is_submitting"), isSubmitting, nil),
        mt_def_noargs(immortal("is_at_rest"), isAtRest, nil),
    ]
}
