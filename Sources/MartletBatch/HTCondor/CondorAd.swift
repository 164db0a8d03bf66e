import MartletModel
import MartletPorts

/// A job's ClassAd, as `condor_q -json` and `condor_history -json` print it.
struct CondorAd {
    /// The attribute that holds our tag.
    static let tag = "MartletTag"
    static let attributes = [
        "ClusterId", "ProcId", tag, "JobStatus", "ExitCode", "ExitBySignal", "ExitSignal", "HoldReason", "HoldReasonCode",
        "HoldReasonSubCode", "LastHoldReasonCode", "LastHoldReasonSubCode", "RemoveReason", "RemoteHost", "LastRemoteHost",
        "ResidentSetSize_RAW", "NumJobStarts", "VacateReason",
    ].joined(separator: ",")

    /// Codes of holds that no release can mend, and how a job ended that has one.
    static let endingHolds: [Int64: JobEnd] = [34: .outOfMemory, 46: .timeLimit, 47: .timeLimit]

    /// The subcode of holds by HTCondor's stock policy for memory.
    static let memoryPolicy: Int64 = 102

    let ad: JSON

    /// Jobs of the asked tags in what a command printed; a gap where it says that it could not tell all.
    static func listing(_ asked: [AskedSubmission], _ results: [BatchCommandResult], of program: String) -> BatchListing {
        if asked.isEmpty { return BatchListing(jobs: [], gap: nil) }
        guard let result = results.first else { return BatchListing(jobs: [], gap: "\(program) never ran") }
        guard result.isSuccess, !result.isCut else {
            return BatchListing(jobs: [], gap: result.isCut ? "\(program) printed too much" : whyNot(result, program))
        }
        // without jobs some versions print an empty list, others nothing
        let text = result.output.allSatisfy(\.isWhitespace) ? "[]" : result.output
        // what broke off is no list either: where it did so does not matter to who asks again
        guard let ads = (try? JSON.parse(text))?.array else {
            return BatchListing(jobs: [], gap: "what \(program) printed is no list")
        }
        let tags = Set(asked.map(\.tag))
        return BatchListing(jobs: ads.compactMap { CondorAd(ad: $0).job }.filter { tags.contains($0.key.tag) }, gap: nil)
    }

    private static func whyNot(_ result: BatchCommandResult, _ program: String) -> String {
        HTCondorDialect.complaint(result) ?? result.words(of: program)
    }

    /// nil where it is none of ours.
    var job: SeenJob? {
        guard let tag = ad[CondorAd.tag]?.string, let cluster = ad["ClusterId"]?.integer, let process = ad["ProcId"]?.integer,
            let state
        else { return nil }
        return SeenJob(
            JobKey(tag, Int(process)), JobID("\(cluster).\(process)"), state, node: node, peakMemory: peakMemory)
    }

    private var state: SeenState? {
        switch ad["JobStatus"]?.integer {
        case 1: return .pending(waitsFor)
        case 2, 6, 7: return .running
        case 3: return .ended(removed)
        case 4: return .ended(completed)
        case 5: return held
        default: return nil
        }
    }

    /// An idle job that has run before was thrown out; it runs again by itself.
    private var waitsFor: String? {
        guard (ad["NumJobStarts"]?.integer ?? 0) > 0 else { return nil }
        let why = ad["VacateReason"]?.string ?? ""
        return why.isEmpty ? "runs again" : "runs again: \(why)"
    }

    private var completed: JobEnd {
        if ad["ExitBySignal"]?.bool == true { return .signalled(Int32(clamping: ad["ExitSignal"]?.integer ?? 0)) }
        guard let code = ad["ExitCode"]?.integer else { return .unknown("completed, without an exit code") }
        return code == 0 ? .succeeded : .exited(Int32(clamping: code))
    }

    private var held: SeenState {
        if let end = ending(ad["HoldReasonCode"]?.integer, ad["HoldReasonSubCode"]?.integer) { return .ended(end) }
        return .held(ad["HoldReason"]?.string ?? "without a reason")
    }

    private var removed: JobEnd {
        if let end = ending(ad["LastHoldReasonCode"]?.integer, ad["LastHoldReasonSubCode"]?.integer) { return end }
        let why = ad["RemoveReason"]?.string ?? ""
        return why.hasPrefix("via condor_rm") || why.isEmpty ? .cancelled : .unknown("removed: \(why)")
    }

    /// Policies of a pool hold jobs with codes of their own choice.
    private func ending(_ code: Int64?, _ subcode: Int64?) -> JobEnd? {
        guard let code else { return nil }
        if [3, 21, 26].contains(code) && subcode == CondorAd.memoryPolicy { return .outOfMemory }
        return CondorAd.endingHolds[code]
    }

    /// "slot1_3@node.example.org" is a slot of that node.
    private var node: String? {
        let slot = ad["RemoteHost"]?.string ?? ad["LastRemoteHost"]?.string
        return slot.map { $0.lastIndex(of: "@").map { at in String(slot![slot!.index(after: at)...]) } ?? $0 }
    }

    /// The attribute is in KiB.
    private var peakMemory: UInt64? {
        ad["ResidentSetSize_RAW"]?.integer.flatMap { $0 > 0 ? UInt64($0) * 1024 : nil }
    }
}
