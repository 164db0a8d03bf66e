import Glibc
import MartletEngine
import MartletModel
import MartletSystem

/// What the end of a command means for its task.
struct CommandEnding: Equatable {
    var kind: Outcome.Kind
    /// The cause in one line; empty when it is done.
    var cause = ""
    /// Outputs that are in their place.
    var made: [OutputCommit.Made] = []

    /// Commits what the command made, or takes it away.
    /// - Parameter wasInterrupted: it was told to end, by whoever wants the run to stop.
    static func settle(_ request: CommandRequest, _ end: ProgramEnd, wasInterrupted: Bool) -> CommandEnding {
        let commit = OutputCommit(request, isChecked: request.isChecked)
        var ending = judge(end, request.exits)
        if ending.kind == .done { ending = settle(commit) }
        if ending.kind != .done {
            commit.discard()
            if wasInterrupted { ending.kind = .interrupted }
        }
        return ending
    }

    /// What the end means before its outputs are looked at.
    static func judge(_ end: ProgramEnd, _ exits: [Int32: CommandRequest.Exit]) -> CommandEnding {
        guard let status = end.status else {
            return CommandEnding(kind: .workerLost, cause: "its command was ended by \(end.text)")
        }
        let exit = exits[status]
        let kind = exit?.kind ?? (status == 0 ? .done : .raised)
        if kind == .done { return CommandEnding(kind: .done) }
        var cause = "its command ended with exit status \(status)"
        if let words = exit?.words, !words.isEmpty {
            cause += ": \(words)"
        } else if status == 127 {
            cause += ", a shell's word for a program that is not found"
        } else if status == 126 {
            cause += ", a shell's word for a program that cannot be run"
        } else if status > 128 && status < 193 {
            cause += ", a shell's word for \(Signals.name(status - 128))"
        }
        return CommandEnding(kind: kind, cause: cause)
    }

    private static func settle(_ commit: OutputCommit) -> CommandEnding {
        switch commit.commit() {
        case .made(let made): return CommandEnding(kind: .done, made: made)
        case .absent(let path):
            return CommandEnding(kind: .outputsNotMade, cause: "its command ended well without having made \(path)")
        case .refused(let error):
            let passes = [EIO, ESTALE, ETIMEDOUT, EBUSY, EREMOTEIO].contains(error.code)
            return CommandEnding(
                kind: passes ? .storageTrouble : .raised, cause: "its output could not be put in place: \(error.description)")
        }
    }

    /// The frame that a worker would have sent.
    /// - Parameter tail: the end of what it printed.
    func frame(_ request: CommandRequest, start: Int64, wall: Double, end: ProgramEnd?, tail: String) -> OutcomeFrame {
        var fragment = request.fragment
        if !made.isEmpty { append(to: &fragment) }
        return OutcomeFrame(
            task: request.task, kind: kind, start: start, wall: wall, cpu: end?.cpu ?? 0,
            peak: UInt64(clamping: end?.peakMemory ?? 0), text: tail.isEmpty ? cause : "\(cause)\n\n\(tail)",
            fragment: fragment)
    }

    private func append(to fragment: inout [UInt8]) {
        var writer = JSONWriter(appendingTo: fragment, afterMember: !fragment.isEmpty)
        fragment = []
        writer.name(literal: "outputs")
        writer.beginArray()
        for one in made {
            writer.beginArray()
            writer.string(one.path)
            writer.integer(one.size)
            writer.integer(one.modified)
            if !one.checksum.isEmpty { writer.string(one.checksum) }
            writer.endArray()
        }
        writer.endArray()
        fragment = writer.bytes
    }
}
