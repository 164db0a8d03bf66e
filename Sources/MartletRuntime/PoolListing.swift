import MartletPorts
import MartletSystem

/// What the folder of a submission says of its slices, by names alone: one listing, however many there are.
public struct PoolListing {
    /// Slices that somebody has claimed.
    public private(set) var claimed: Set<Int> = []
    /// By slice, the pilot that runs it or has run it.
    public private(set) var runners: [Int: Int] = [:]

    /// - Parameter folder: none is as good as an empty one.
    public init(_ folder: String) throws(SystemError) {
        for name in try Directory.listIfThere(folder) {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard let slice = Int(parts[0]) else { continue }
            if parts.count == 2 && parts[1] == "claim" { claimed.insert(slice) }
            if parts.count == 3 && parts[2] == "result", let pilot = Int(parts[1]) { runners[slice] = pilot }
        }
    }
}
