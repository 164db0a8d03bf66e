import MartletEngine
import MartletModel
import MartletSystem

/// What a run has to do with others at work on the same tasks: it claims what it is about to start, waits for what others
/// have claimed, and looks again at what they have let go.
extension Driver {
    /// The name of this run's claims file; empty where nothing is claimed.
    public var claimsFile: String { claims?.name ?? "" }

    /// Tasks whose ids `claim` needs.
    public var toClaim: [TaskIndex] { claims?.toClaim ?? [] }
    /// Tasks that `looked` is to be told of.
    public var toLookAt: [TaskIndex] { claims?.toLookAt ?? [] }

    /// - Parameter ids: of the tasks `toClaim`, in order.
    public func claim(_ ids: [TaskDigest]) { withClaims { (claims) throws(Diagnostic) in try claims.claim(ids, engine, now: now) } }

    /// - Parameter kinds: what the tasks `toLookAt` were found to be, in order.
    public func looked(_ kinds: [PlannedTask.Kind]) {
        if kinds.contains(.complete) { looksAnew = true }
        withClaims { (claims) throws(Diagnostic) in claims.looked(kinds) }
    }

    func want(_ tasks: [TaskIndex], _ startingNow: Int) {
        claims?.want(tasks, startingNow: startingNow)
        pending.append(.claim(tasks.count))
    }

    func turnClaims() {
        guard let due = claims?.due, now >= due else { return }
        withClaims { (claims) throws(Diagnostic) in try claims.turn(engine, now: now) }
    }

    func endClaims(_ tasks: [TaskIndex]) {
        withClaims { (claims) throws(Diagnostic) in
            try claims.release(tasks, engine)
            return []
        }
    }

    /// What cannot be claimed must not run: others would not know of it.
    private func withClaims(_ body: (inout TaskClaims) throws(Diagnostic) -> [Event]) {
        guard claims != nil else { return }
        do throws(Diagnostic) {
            let events = try body(&claims!)
            if !claims!.toLookAt.isEmpty { pending.append(.lookAgain(claims!.toLookAt.count)) }
            if !events.isEmpty { tell(events) }
        } catch {
            endings.note(nil, Wording.text(error).line)
            tell([.interrupted(.unrecordable)])
        }
    }
}
