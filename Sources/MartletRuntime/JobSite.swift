import MartletModel

/// In a job: what it leaves, and where, as the Python side says:
///
///     {"result": path, "log": path, "keeps_log": bool, "prints_there": bool, "carries": bool}
public struct JobSite: Sendable {
    /// The file that outcomes are appended to.
    var result: String
    /// What reports call the job's log. The file is what stdout leads to, wherever that is.
    var log: String
    /// stdout leads to a file: what tasks print is kept there.
    var keepsLog: Bool
    /// Workers print there themselves.
    var printsThere: Bool
    /// Reports travel with the result.
    var carriesReports: Bool

    init?(_ json: JSON) {
        guard let result = json["result"]?.string, let log = json["log"]?.string else { return nil }
        self.result = result
        self.log = log
        keepsLog = json["keeps_log"]?.bool ?? false
        printsThere = json["prints_there"]?.bool ?? false
        carriesReports = json["carries"]?.bool ?? false
    }
}
