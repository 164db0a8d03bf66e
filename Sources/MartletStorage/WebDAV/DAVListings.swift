import MartletPorts

/// What directories hold, as long as one planning lasts.
struct DAVListings {
    /// One directory that was listed, or could not be.
    enum Listing {
        /// Names, with the status of those that the server would say nothing of.
        case names([ExactText: Int])
        /// There is no such directory.
        case absent
        case unknown(StorageError)

        func look(_ name: String, _ method: String, _ directory: HTTPURL) -> Existence {
            switch self {
            case .absent: return .absent
            case .unknown(let error): return .unknown(error)
            case .names(let names):
                guard let status = names[ExactText(name)] else { return .absent }
                if status == 200 { return .there }
                return Existence(.failure(DAVServer.error(status, method, directory)))
            }
        }
    }

    private var planning: PlanningID?
    private var known: [HTTPURL: Listing] = [:]
    private var asked: [HTTPURL: Int] = [:]

    /// Forgets what another planning has seen.
    mutating func begin(_ planning: PlanningID?) {
        if planning == nil || planning != self.planning { forget() }
        self.planning = planning
    }

    mutating func forget() { (known, asked) = ([:], [:]) }

    subscript(directory: HTTPURL) -> Listing? { known[directory] }

    mutating func keep(_ listing: Listing, of directory: HTTPURL) {
        // what could not be found out is asked for again
        if case .unknown = listing { return }
        known[directory] = listing
    }

    /// Whether so many more names in a directory are worth its listing.
    mutating func isWorthwhile(_ directory: HTTPURL, _ count: Int) -> Bool {
        asked[directory, default: 0] += count
        return asked[directory, default: 0] >= 4
    }
}
