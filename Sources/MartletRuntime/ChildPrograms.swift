import Glibc
import MartletModel
import MartletSystem

/// Tasks that run as programs of their own on this machine. Decides nothing: starts, and says what ended.
struct ChildPrograms {
    private struct Child {
        var task: TaskIndex
        var request: ProgramRequest
        var process: Process
    }

    var isEmpty: Bool { children.isEmpty }

    private var children: [Int32: Child] = [:]  // by pid

    /// - Throws: why the program could not be started.
    /// - Parameter variables: of its environment, in place of this process's.
    mutating func start(
        _ task: TaskIndex, _ request: ProgramRequest, command: [String], variables: [String: String]
    ) throws(Diagnostic) {
        do throws(SystemError) {
            let log = try File.openAppending(request.log)
            let process = try Process.start(
                ProgramStart(
                    command, directory: request.directory,
                    environment: variables.isEmpty ? nil : Environment.all(changing: variables), output: log))
            children[process.pid] = Child(task: task, request: request, process: process)
        } catch {
            throw Diagnostic(.spawnFailed, subject: command.first ?? "", cause: error.description)
        }
    }

    func register(with poller: inout Poller) {
        for (pid, child) in children {
            if let pidfd = child.process.pidfd { poller.add(pidfd.raw, .readable, tag: Int(pid)) }
        }
    }

    /// Collects every program that has ended; its whole group is gone afterwards.
    mutating func collect() -> [EndedProgram] {
        var ended: [EndedProgram] = []
        for (pid, child) in children.sorted(by: { $0.key < $1.key }) {
            guard child.process.hasEnded() else { continue }
            child.process.signalGroup(SIGKILL)
            let trouble: String?
            do throws(SystemError) {
                guard let end = try child.process.end() else { continue }
                trouble = end.isSuccess ? nil : "its program ended with \(end.text)"
            } catch {
                trouble = "its program could not be waited for: \(error.text)"
            }
            children[pid] = nil
            ended.append(EndedProgram(task: child.task, request: child.request, trouble: trouble))
        }
        return ended
    }

    /// Kills and awaits whatever still runs.
    mutating func end() {
        signalAll(SIGKILL)
        for child in children.values {
            do throws(SystemError) { _ = try child.process.wait() } catch { continue }  // somebody else awaited it
        }
        children = [:]
    }

    /// Signals the whole group of a task's program.
    func signal(_ task: TaskIndex, _ signal: Int32) {
        for child in children.values where child.task == task { child.process.signalGroup(signal) }
    }

    func signalAll(_ signal: Int32) {
        for child in children.values { child.process.signalGroup(signal) }
    }
}
