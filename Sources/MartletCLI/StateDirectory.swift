import ArgumentParser
import MartletAssembly
import MartletModel
import MartletRecords
import MartletSystem

/// Where reports and logs lie.
struct StateOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The directory of reports and logs.", valueName: "directory"))
    var state: String?

    /// The records of the directory that counts here. Damage in them is told of on standard error.
    /// - Throws: `noRecords` when there are none.
    func catalogue() throws -> (directory: String, records: ReportCatalogue) {
        let directory = try StateDirectory.locate(option: state)
        let records = try Assembly.records(of: directory)
        for damage in records.damage { Terminal.complain(damage) }
        guard !records.isEmpty || records.tellsOfUnrun else { throw Diagnostic(.noRecords, subject: directory) }
        return (directory, records)
    }
}

/// Finds the state directory without starting Python where that is possible.
///
/// The rule is that of `martlet.steering.state`: flag, $MARTLET_STATE, `state` in the configuration, else `.martlet`
/// beside the configuration file or at the root of the project. Python alone reads TOML: where a configuration file
/// speaks of `state`, Python is asked.
enum StateDirectory {
    static let folder = ".martlet"

    /// Where the segments of reports are.
    static func reports(in directory: String) -> String { Path.join(directory, "reports") }

    static func locate(option: String?) throws -> String {
        if let option { return option }
        if let variable = Environment.get("MARTLET_STATE"), !variable.isEmpty { return variable }
        let here: String
        do {
            here = try Directory.current()
        } catch {
            throw Diagnostic(.stateUnreadable, subject: ".", cause: error.text)
        }
        switch try search(from: here, userFile: userFile()) {
        case .directory(let found): return found
        case .configured: throw try PythonHandover.exit(asking: askPython)
        }
    }

    enum Answer: Equatable {
        case directory(String)
        /// A configuration file has the word `state`: only Python can tell what it says.
        case configured
    }

    /// - Parameter userFile: the path of the user's own configuration, which need not exist.
    static func search(from here: String, userFile: String?) throws(Diagnostic) -> Answer {
        if let userFile, try text(userFile)?.contains("state") == true { return .configured }
        for place in Path.upwards(from: here) {
            if let text = try projectText(in: place) {
                return text.contains("state") ? .configured : .directory(Path.join(place, folder))
            }
        }
        for place in Path.upwards(from: here) where Directory.isDirectory(Path.join(place, folder)) {
            return .directory(Path.join(place, folder))
        }
        return .directory(Path.join(here, folder))
    }

    /// What the project file of a directory says; nil when the directory has none.
    private static func projectText(in place: String) throws(Diagnostic) -> String? {
        if let own = try text(Path.join(place, "martlet.toml")) { return own }
        guard let shared = try text(Path.join(place, "pyproject.toml")), shared.contains("[tool.martlet") else {
            return nil
        }
        return shared
    }

    private static func userFile() -> String? {
        if let base = Environment.get("XDG_CONFIG_HOME"), !base.isEmpty {
            return Path.join(base, "martlet/martlet.toml")
        }
        return Environment.get("HOME").map { Path.join($0, ".config/martlet/martlet.toml") }
    }

    /// nil when the file does not exist.
    private static func text(_ path: String) throws(Diagnostic) -> String? {
        do {
            return String(decoding: try File.read(path), as: UTF8.self)
        } catch {
            if error.isAbsence { return nil }
            throw Diagnostic(.fileUnreadable, subject: path, cause: error.text)
        }
    }

    /// Finds the directory and starts this program again with MARTLET_STATE set to it.
    private static let askPython = """
        import os, sys
        from martlet.diagnostics import MartletError
        from martlet.steering import configuration, state
        try:
            found = state.directory(configuration.find(None), None)
        except MartletError as error:
            sys.stderr.write(f"{error}\\n")
            sys.exit(int(error.exit_code))
        os.environ["MARTLET_STATE"] = str(found)
        os.execv(sys.argv[1], sys.argv[1:])
        """
}
