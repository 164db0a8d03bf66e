import CSystem
import Glibc

/// The environment of this process.
public enum Environment {
    /// nil when not set; an empty variable is an empty string.
    public static func get(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    /// Every `NAME=value`, in the order in which the process holds them.
    public static func all() -> [String] {
        var entries: [String] = []
        guard var cursor = csystem_environment() else { return entries }
        while let entry = cursor.pointee {
            entries.append(String(cString: entry))
            cursor += 1
        }
        return entries
    }

    /// The environment with some variables set otherwise, or left out where the value is nil.
    public static func all(changing changes: [String: String?]) -> [String] {
        let kept = all().filter { entry in
            guard let equals = entry.utf8.firstIndex(of: UInt8(ascii: "=")) else { return true }
            return changes.index(forKey: String(entry[..<equals])) == nil
        }
        return kept + changes.compactMap { name, value in value.map { "\(name)=\($0)" } }.sorted()
    }
}
