import MartletModel
import MartletPorts
import MartletSystem

/// Whether outputs are what their tasks made: those of each task's newest execution that ended well.
public struct Verification: Sendable {
    /// In the order of their executions.
    public private(set) var outputs: [Output] = []

    public enum Finding: String, CaseIterable, Sendable {
        /// Its checksum is the recorded one.
        case intact
        /// No checksum was recorded, or none can be had; its size is the recorded one, as far as that is known.
        case plausible
        /// It is not there.
        case missing
        /// It was written since: another size, or another time and another checksum.
        case changed
        /// Size and time are the recorded ones, the checksum is not: the storage did that, no program.
        case rotten
        /// It could not be looked at: nothing is known.
        case unreachable

        public var isTrouble: Bool { self != .intact && self != .plausible }
    }

    public struct Output: Equatable, Sendable {
        public var execution: ExecutionGlance
        public var path: String
        public var finding: Finding
        /// What is recorded and what was found, or why it could not be looked at; may be empty.
        public var cause: String = ""
    }

    /// An output as it was recorded.
    private struct Recorded {
        var execution: ExecutionGlance
        var path: String
        var size: Int64?
        var modified: Int64?
        /// `algorithm:digits`.
        var checksum: String?
        var target: TargetRef
    }

    /// - Parameters:
    ///   - pattern: only tasks whose id, family or title fits it.
    ///   - folder: what relative paths are relative to.
    ///   - checksums: whether contents are read; else sizes and times alone are compared.
    public init(
        _ records: ReportCatalogue, _ stores: Stores, fitting pattern: String = "*", folder: String,
        checksums: Bool = true
    ) throws(Diagnostic) {
        var recorded: [Recorded] = []
        var files = OpenSegments(records.directory)
        for success in try records.successes(fitting: pattern) {
            recorded += Verification.outputs(of: success, try records.record(of: success, &files), folder)
        }
        let statuses = stores.stat(recorded.map(\.target))
        outputs = zip(recorded, statuses).map { recorded, status in
            Verification.judge(recorded, status, stores, checksums)
        }
    }

    private static func outputs(of glance: ExecutionGlance, _ record: JSON, _ folder: String) -> [Recorded] {
        (record["outputs"]?.array ?? []).compactMap { output in
            guard let fields = output.array, fields.count >= 3, let path = fields[0].string else { return nil }
            let isLocal = TargetRef(path).localPath != nil
            let place = isLocal && !path.hasPrefix("/") && !path.contains("://") ? "\(folder)/\(path)" : path
            return Recorded(
                execution: glance, path: path, size: fields[1].integer, modified: fields[2].integer,
                checksum: fields.count > 3 ? fields[3].string : nil, target: TargetRef(place))
        }
    }

    private static func judge(
        _ recorded: Recorded, _ status: Result<FileStatus, StorageError>, _ stores: Stores, _ checksums: Bool
    ) -> Output {
        func found(_ finding: Finding, _ cause: String = "") -> Output {
            let path = TargetRef(recorded.path).withoutCredentials
            return Output(execution: recorded.execution, path: path, finding: finding, cause: cause)
        }
        let now: FileStatus
        switch status {
        case .failure(let error) where error.kind == .absent: return found(.missing)
        case .failure(let error): return found(.unreachable, error.message)
        case .success(let there): now = there
        }
        // of a directory the size says nothing
        if now.isDirectory { return found(.plausible) }
        if let size = recorded.size, size >= 0, UInt64(size) != now.size {
            return found(.changed, "\(size) bytes recorded, \(now.size) found")
        }
        guard checksums, let checksum = recorded.checksum else { return found(.plausible) }
        switch digest(recorded, checksum, stores) {
        case .failure(let error) where error.kind == .unsupported: return found(.plausible, error.message)
        case .failure(let error): return found(.unreachable, error.message)
        case .success(checksum): return found(.intact)
        case .success(let other):
            let isUntouched = recorded.modified == now.modified && now.modified != 0
            return found(isUntouched ? .rotten : .changed, "\(checksum) recorded, \(other) found")
        }
    }

    private static func digest(
        _ recorded: Recorded, _ checksum: String, _ stores: Stores
    ) -> Result<String, StorageError> {
        let algorithm = String(checksum.prefix { $0 != ":" })
        if let path = recorded.target.localPath {
            do throws(SystemError) {
                if let digits = try FileDigest.of(path, algorithm) { return .success("\(algorithm):\(digits)") }
            } catch {
                return .failure(StorageError(.transient, error.text))
            }
        } else if case .success(let kept)? = stores.checksum([recorded.target]).first, kept.algorithm == algorithm {
            return .success("\(algorithm):\(kept.digest)")
        }
        return .failure(StorageError(.unsupported, "no \(algorithm) can be had"))
    }

    /// Some could not be looked at that are not local.
    public var needsStores: Bool {
        outputs.contains { $0.finding == .unreachable && TargetRef($0.path).localPath == nil }
    }

    /// How many outputs were found to be what.
    public var counts: [(finding: Finding, outputs: Int)] {
        Finding.allCases.compactMap { finding in
            let count = outputs.count { $0.finding == finding }
            return count > 0 ? (finding, count) : nil
        }
    }

    /// `{"counts":{"intact":…},"outputs":[{"task":…,"title":…,"name":…,"path":…,"finding":…,"cause":…}]}`: of outputs
    /// that are what they should be only the counts.
    public var json: JSON {
        [
            "counts": .object(counts.map { JSONMember($0.finding.rawValue, JSON($0.outputs)) }),
            "outputs": .array(
                outputs.filter(\.finding.isTrouble).map { output in
                    [
                        "task": .string(output.execution.task), "title": .string(output.execution.title),
                        "name": .string(output.execution.name.text), "path": .string(output.path),
                        "finding": .string(output.finding.rawValue), "cause": .string(output.cause),
                    ]
                }),
        ]
    }
}
