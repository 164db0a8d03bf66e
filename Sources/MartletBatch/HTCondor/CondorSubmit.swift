import MartletPorts

/// A submit description: what `condor_submit` reads.
struct CondorSubmit {
    let array: JobArray

    init(_ array: JobArray) { self.array = array }

    /// The user's own lines come last and so have the last word, but for requirements, which are joined with ours.
    var text: String {
        var lines = ["batch_name = \(array.tag)", "+\(CondorAd.tag) = \"\(array.tag)\"", "universe = vanilla"]
        lines += travels ? transferred : shared
        lines += wishes
        lines += array.options.extra.filter { CondorSubmit.requirements(in: $0) == nil }
        let required = array.options.extra.compactMap(CondorSubmit.requirements) + avoided
        if !required.isEmpty { lines.append("requirements = " + required.map { "(\($0))" }.joined(separator: " && ")) }
        lines.append("queue \(array.count)")
        return lines.map { $0 + "\n" }.joined()
    }

    /// Whether the user wants files to be sent: `should_transfer_files = YES` among the extra lines.
    private var travels: Bool {
        array.options.extra.contains {
            let line = $0.lowercased().filter { $0 != " " && $0 != "\t" }
            return line.hasPrefix("should_transfer_files=") && !line.hasSuffix("=no")
        }
    }

    /// Jobs see the files of this machine.
    private var shared: [String] {
        let log = array.folder + "/$(ProcId).log"
        return [
            "executable = \(program.path)", "transfer_executable = False", "should_transfer_files = NO",
            "arguments = \(CondorSubmit.arguments(program.words))",
            "initialdir = \(array.directory)", "output = \(log)", "error = \(log)",
        ]
    }

    /// What the command names is sent to the node; what the job leaves there, its result, comes back to the submission's folder.
    private var transferred: [String] {
        let words = program.words.map { array.files.contains($0) ? String($0.split(separator: "/").last ?? "") : $0 }
        return [
            "executable = \(program.path)", "transfer_executable = False", "when_to_transfer_output = ON_EXIT",
            "transfer_input_files = \(array.files.joined(separator: ", "))",
            "arguments = \(CondorSubmit.arguments(words))",
            "initialdir = \(array.folder)", "output = $(ProcId).log", "error = $(ProcId).log",
        ]
    }

    /// The path of what runs, and its arguments; a program without a folder is looked up on the node.
    private var program: (path: String, words: [String]) {
        let first = array.command.first ?? ""
        return first.hasPrefix("/") ? (first, Array(array.command.dropFirst())) : ("/usr/bin/env", array.command)
    }

    private var wishes: [String] {
        let options = array.options
        var lines: [String] = []
        if let cores = options.cores { lines.append("request_cpus = \(cores)") }
        if let memory = options.memory { lines.append("request_memory = \((memory + 1_048_575) / 1_048_576)") }
        if let disk = options.disk { lines.append("request_disk = \((disk + 1023) / 1024)") }
        if let gpus = options.gpus, gpus > 0 { lines.append("request_gpus = \(gpus)") }
        if let queue = options.queue { lines.append("accounting_group = \(queue)") }
        if let walltime = options.walltime {
            let seconds = Int64(saturating: walltime.rounded(.up))
            // HTCondor's own limit, and the one by which some sites choose nodes
            lines += ["allowed_job_duration = \(seconds)", "+MaxRuntime = \(seconds)"]
        }
        // a job that is held for good is told of as ended, and then leaves the queue by itself
        let codes = CondorAd.endingHolds.keys.sorted().map { "HoldReasonCode == \($0)" }.joined(separator: " || ")
            + " || HoldReasonSubCode =?= \(CondorAd.memoryPolicy)"
        lines.append("periodic_remove = JobStatus == 5 && (\(codes)) && time() - EnteredCurrentStatus > 3600")
        return lines
    }

    private var avoided: [String] {
        array.options.avoidedNodes.sorted().map { "TARGET.Machine =!= \"\($0)\"" }
    }

    /// The expression of a line that says `requirements = …`; nil for other lines.
    private static func requirements(in line: String) -> String? {
        guard let equals = line.firstIndex(of: "="),
            line[..<equals].lowercased().filter({ $0 != " " && $0 != "\t" }) == "requirements"
        else { return nil }
        return String(line[line.index(after: equals)...].drop { $0 == " " })
    }

    /// Arguments in HTCondor's quoting, the process's number as the last one. `$` begins a macro, so it is named.
    static func arguments(_ words: [String]) -> String {
        let quoted = words.map { word -> String in
            let plain = word.replacing("\"", with: "\"\"").replacing("$", with: "$(DOLLAR)")
            guard plain.isEmpty || plain.contains(where: { $0 == " " || $0 == "\t" || $0 == "'" }) else { return plain }
            return "'" + plain.replacing("'", with: "''") + "'"
        }
        return "\"" + (quoted + ["$(ProcId)"]).joined(separator: " ") + "\""
    }
}
