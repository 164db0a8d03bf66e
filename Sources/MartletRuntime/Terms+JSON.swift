import MartletEngine
import MartletModel

extension Terms {
    /// As the Python side writes them (`martlet.running.terms`):
    ///
    ///     {"lane": number, "resources": {name: amount},
    ///      "retry": {"retries": {kind: count}, "delay": s, "back_off": factor, "longest_delay": s,
    ///                "memory_resource": name, "memory_factor": factor, "holds_run": bool},
    ///      "time_limit": s or null, "share": {"cores": amount, "threads": count, "hides_devices": bool},
    ///      "batch": {"group": number, "most": tasks}, "own_log": bool}
    ///
    /// Kinds are numbers of `Outcome.Kind` as text.
    public init(json text: String) throws(JSONError) {
        let json = try JSON.parse(text)
        var amounts: [String: Double] = [:]
        for member in json["resources"]?.members ?? [] { amounts[member.name] = member.value.double }
        self.init(
            lane: Lane(rawValue: UInt8(clamping: json["lane"]?.integer ?? 0)) ?? .worker, resources: Resources(amounts),
            retry: json["retry"].map(RetryPolicy.init) ?? .standard, timeLimit: json["time_limit"]?.double,
            share: json["share"].map(Share.init) ?? Share(), batch: json["batch"].map(BatchTerms.init),
            ownLog: json["own_log"]?.bool ?? false)
    }
}

extension Share {
    fileprivate init(_ json: JSON) {
        self.init(
            cores: json["cores"]?.double ?? 0, threads: Int(clamping: json["threads"]?.integer ?? 0),
            hidesDevices: json["hides_devices"]?.bool ?? false)
    }
}

extension BatchTerms {
    fileprivate init(_ json: JSON) {
        self.init(group: Int(clamping: json["group"]?.integer ?? 0), most: Int(clamping: json["most"]?.integer ?? 1))
    }
}

extension RetryPolicy {
    fileprivate init(_ json: JSON) {
        var retries: [Outcome.Kind: Int] = [:]
        for member in json["retries"]?.members ?? [] {
            if let raw = UInt8(member.name), let kind = Outcome.Kind(rawValue: raw) {
                retries[kind] = Int(clamping: member.value.integer ?? 0)
            }
        }
        let standard = RetryPolicy.standard
        self.init(
            retries: retries, delay: json["delay"]?.double ?? standard.delay,
            backOff: json["back_off"]?.double ?? standard.backOff,
            longestDelay: json["longest_delay"]?.double ?? standard.longestDelay,
            memoryResource: json["memory_resource"]?.string ?? standard.memoryResource,
            memoryFactor: json["memory_factor"]?.double ?? standard.memoryFactor,
            holdsRun: json["holds_run"]?.bool ?? standard.holdsRun)
    }
}
