import MartletPorts

/// What was seen of directories while one planning goes on.
struct S3Known {
    private var planning: PlanningID?
    private var listings: [Key: S3Listing] = [:]
    private var asked: [Key: Int] = [:]

    /// The same prefix lies elsewhere in another service.
    struct Key: Hashable {
        var service: ObjectIdentifier
        var directory: S3Location
    }

    /// Forgets what belongs to another planning; all, where each look is to ask anew.
    mutating func begin(_ planning: PlanningID?) {
        if planning == nil || planning != self.planning { (listings, asked) = ([:], [:]) }
        self.planning = planning
    }

    subscript(key: Key) -> S3Listing? {
        get { listings[key] }
        set { listings[key] = newValue }
    }

    /// How many names in a directory were asked for, with these.
    mutating func count(_ names: Int, in key: Key) -> Int {
        asked[key, default: 0] += names
        return asked[key, default: 0]
    }
}
