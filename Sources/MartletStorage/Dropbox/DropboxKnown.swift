import MartletPorts

/// What was seen of folders while one planning goes on.
struct DropboxKnown {
    struct Key: Hashable {
        var service: ObjectIdentifier
        var folder: DropboxPath
    }
    private var planning: PlanningID?
    private var names: [Key: Set<ExactText>] = [:]
    private var asked: [Key: Int] = [:]

    /// Fewer names in a folder are asked for one by one.
    private static let worthwhile = 4

    /// Forgets what belongs to another planning; all, where each look is to ask anew.
    mutating func begin(_ planning: PlanningID?) {
        if planning == nil || planning != self.planning { (names, asked) = ([:], [:]) }
        self.planning = planning
    }

    subscript(key: Key) -> Set<ExactText>? { names[key] }

    mutating func keep(_ found: Set<ExactText>, of key: Key) { names[key] = found }

    /// Whether a folder that is not known is to be listed, now that so many more names in it are asked for.
    mutating func isWorthwhile(_ key: Key, _ count: Int) -> Bool {
        asked[key, default: 0] += count
        return names[key] == nil && asked[key, default: 0] >= DropboxKnown.worthwhile
    }
}
