import MartletPorts

/// Descriptions of a submission's jobs in xRSL, all in one text.
struct ARCDescription {
    let array: JobArray
    let queue: String?

    init(_ array: JobArray, queue: String?) { (self.array, self.queue) = (array, queue) }

    var text: String {
        let each = (0..<array.count).map { "(&" + job($0) + ")\n" }
        return array.count == 1 ? "&" + job(0) + "\n" : "+" + each.joined()
    }

    /// What each job runs. Words in a description would be worked on by a shell on the node, which replaces what begins with
    /// `$` and cannot be told not to.
    var script: String {
        let words = array.command.map { array.files.contains($0) ? ARCDescription.name($0) : $0 }
        return "exec \(words.map(ShellWord.quoted).joined(separator: " ")) \"$1\"\n"
    }

    /// Absolute paths of all that is sent to each job: not of what the element fetches itself.
    var files: [String] { [scriptPath] + array.files.filter { array.sources[$0] == nil } }
    var scriptPath: String { "\(array.folder)/arc.sh" }

    private func job(_ index: Int) -> String {
        var parts: [(String, [[String]])] = [
            ("executable", [["/bin/sh"]]), ("arguments", [[ARCDescription.name(scriptPath), "\(index)"]]),
            ("jobName", [[JobKey(array.tag, index).text]]),
            ("stdout", [["\(index).log"]]), ("stderr", [["\(index).log"]]),
        ]
        parts.append(("inputFiles", files.map { [ARCDescription.name($0), ""] } + fetched))
        parts.append(("outputFiles", [["\(index).log", ""], ["\(index).result", ""]]))
        parts += wishes
        return parts.map(ARCDescription.relation).joined() + array.options.extra.joined()
    }

    /// Files with a digest for a name: what is in the element's cache under that URL need not be compared with the store's.
    private var fetched: [[String]] {
        array.files.compactMap { path in array.sources[path].map { [ARCDescription.name(path), $0, "cache=invariant"] } }
    }

    private var wishes: [(String, [[String]])] {
        let options = array.options
        var parts: [(String, [[String]])] = []
        let cores = max(1, options.cores ?? 1)
        if cores > 1 { parts += [("count", [["\(cores)"]]), ("countPerNode", [["\(cores)"]])] }
        // ARC counts memory for each core
        if let memory = options.memory { parts.append(("memory", [["\(ARCDescription.megabytes(memory / UInt64(cores)))"]])) }
        if let disk = options.disk { parts.append(("disk", [["\(ARCDescription.megabytes(disk))"]])) }
        if let walltime = options.walltime { parts.append(("wallTime", [["\(Int64(saturating: walltime.rounded(.up))) seconds"]])) }
        if let queue { parts.append(("queue", [[queue]])) }
        return parts
    }

    private static func megabytes(_ bytes: UInt64) -> UInt64 { (bytes + 1_048_575) / 1_048_576 }

    private static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    /// `(name="a" "b")`, or `(name=("a" "b")("c" "d"))` of lists.
    private static func relation(_ name: String, _ lists: [[String]]) -> String {
        let isNested = name.hasSuffix("Files")
        return "(\(name)=" + lists.map { list in
            let words = list.map(quoted).joined(separator: " ")
            return isNested ? "(\(words))" : words
        }.joined() + ")"
    }

    /// A quote inside of quotes is doubled.
    private static func quoted(_ word: String) -> String {
        "\"" + word.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
