import MartletSystem

/// The length of a log, for reports: nothing is known of one that cannot be looked at.
enum FileLength {
    static func of(_ path: String) -> Int64 {
        guard case .success(let status)? = StatMany.status(of: [path]).first else { return 0 }
        return Int64(clamping: status.size)
    }
}
