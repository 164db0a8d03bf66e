import MartletPorts

/// What every sandbox must do; one body for all of them.
/// - Parameters:
///   - sandbox: ready for use.
///   - run: runs a command from a directory that is not the sandbox's own; exit status, and what it printed.
public func sandboxContract(
    _ sandbox: some Sandbox, run: (_ command: [String]) throws -> (status: Int32, output: String)
) rethrows -> Findings {
    var found = Findings()

    func outcome(_ command: [String]) throws -> (status: Int32, output: String) { try run(sandbox.wrap(command)) }

    let arguments: [[String]] = [
        ["plain"], ["a b", "  two  "], ["", "x", ""], ["it's", "\"quoted\"", "`date`", "$HOME", "$(id)", "\\", "\\n"],
        ["line\nline", "\n", "tab\t"], ["-n", "--", "-c", "--help"], ["*", "?", "[a]", "~", "{a,b}"],
        [";", "&", "|", ">x", "<", "#", "!"], ["é", "漢字", "😀"], ["NAME=value", "="],
        [String(repeating: "x", count: 50_000)],
    ]
    for list in arguments {
        let (status, output) = try outcome(["printf", "<%s>"] + list)
        found.expect(status == 0, "printf of \(list.prefix(3)) ended with status \(status)")
        found.expect(
            output == list.map { "<\($0)>" }.joined(), "arguments \(list.prefix(3)) arrived as \(output.prefix(80))")
    }
    for status: Int32 in [0, 1, 7, 255] {
        let ended = try outcome(["sh", "-c", "exit \(status)"])
        found.expect(ended.status == status, "exit status \(status) became \(ended.status)")
    }
    // positional parameters belong to the command
    let (_, positional) = try outcome(["sh", "-c", "echo \"$0 $1 $#\"", "zero", "one"])
    found.expect(positional == "zero one 1\n", "positional parameters arrived as \(positional)")
    // no process stays between the runtime and the command: a signal to the program reaches it
    let (_, pids) = try outcome(["sh", "-c", "echo $PPID"])
    let (_, plain) = try run(["sh", "-c", "echo $PPID"])
    found.expect(pids == plain, "another process stands between the command and whoever started it")
    let absent = try outcome(["no-such-program-here"])
    found.expect(absent.status != 0, "a missing program is said to have succeeded")
    found.expect(sandbox.wrap(["true"]) == sandbox.wrap(["true"]), "two wraps of one command differ")
    return found
}
