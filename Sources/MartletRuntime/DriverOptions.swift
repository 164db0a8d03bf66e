import MartletEngine
import MartletModel

/// What the Python side asks of a run, as JSON:
///
///     {"slots": tasks at a time, "fail_fast": bool, "around_cycles": bool, "limits": {resource: amount}, "here": bool,
///      "cores": limit, "devices": {resource: see DeviceNaming}, "tasks_per_worker": count,
///      "log_here": path, "follow_logs": bool, "job": see `JobSite`,
///      "leases": {"state": directory, "kind": "auto" | "local" | "shared", "timeout": seconds,
///                 "enclosing": [{"file": name, "here": bool, "task": name}]}}
///
/// `here`: tasks run in the process that called, one at a time; `log_here` is the file that keeps what they print, if one does.
/// Without a limit of cores they are not counted; without
/// `leases` nothing is claimed. With `job` this run is a job's slice of another.
public struct DriverOptions: Sendable {
    public var settings: Settings
    public var here: Bool
    /// Empty when what tasks print in the calling process is not kept.
    public var logHere: String
    /// Whether `snapshot` tells which part of which log was whose.
    public var followsLogs: Bool
    /// By the name of the resource.
    public var devices: [String: DeviceNaming] = [:]
    public var leases: LeaseOptions?
    public var job: JobSite?

    public init(json text: String) throws(JSONError) {
        let json = try JSON.parse(text)
        var limits: [String: Double] = [:]
        for member in json["limits"]?.members ?? [] { limits[member.name] = member.value.double }
        for member in json["devices"]?.members ?? [] { devices[member.name] = DeviceNaming(member.value) }
        job = json["job"].flatMap(JobSite.init)
        settings = Settings(
            slots: max(1, Int(json["slots"]?.integer ?? 1)), failFast: json["fail_fast"]?.bool ?? false,
            runsAroundCycles: json["around_cycles"]?.bool ?? false, limits: limits,
            devices: devices.mapValues(\.names.count), cores: json["cores"]?.double ?? .infinity,
            tasksPerWorker: Int(clamping: json["tasks_per_worker"]?.integer ?? .max))
        // each task of a slice is to have its turn
        if job != nil { settings.lossesInARow = .max }
        here = json["here"]?.bool ?? true
        logHere = json["log_here"]?.string ?? ""
        followsLogs = json["follow_logs"]?.bool ?? false
        leases = json["leases"].flatMap(LeaseOptions.init)
    }
}
