import MartletModel
import MartletPorts
import MartletSystem

/// What the runtime is joined to: made by `MartletAssembly`, or by a test.
public struct Adapters {
    /// A store for the reports of a run. Arguments: state directory, head (a JSON object).
    public var reports: (String, JSON) -> any RecordStore
    /// What earlier runs have reported. Argument: state directory.
    public var reportIndex: (String) -> any ReportIndex
    /// Segments that other processes write. Argument: state directory.
    public var segments: (String) -> any SegmentFolder
    public var ledger: (String, JSON) -> any SubmissionLedger
    /// Arguments: name, state directory, jobs at a time where the system itself has no limit.
    public var batchSystem: (String, String, Int) throws(Diagnostic) -> any BatchSystem
    /// `name:argument` to a sandbox.
    public var sandbox: (String) throws(Diagnostic) -> any Sandbox
    public var stores: Stores
    public var clock: any Clock
    /// A name for a submission that nobody has used or will use.
    public var newTag: () -> String
    /// Without it nothing is claimed.
    public var leases: (LeaseOptions) -> (any LeaseTable)?

    public init(
        reports: @escaping (String, JSON) -> any RecordStore, ledger: @escaping (String, JSON) -> any SubmissionLedger,
        batchSystem: @escaping (String, String, Int) throws(Diagnostic) -> any BatchSystem,
        sandbox: @escaping (String) throws(Diagnostic) -> any Sandbox, stores: Stores, clock: any Clock,
        newTag: @escaping () -> String = { "martlet-\(Host.randomToken(bytes: 8))" },
        leases: @escaping (LeaseOptions) -> (any LeaseTable)? = { _ in nil },
        reportIndex: @escaping (String) -> any ReportIndex = { _ in NoReports() },
        segments: @escaping (String) -> any SegmentFolder = { _ in NoSegments() }
    ) {
        self.reports = reports
        self.reportIndex = reportIndex
        self.segments = segments
        self.ledger = ledger
        self.batchSystem = batchSystem
        self.sandbox = sandbox
        self.stores = stores
        self.clock = clock
        self.newTag = newTag
        self.leases = leases
    }
}
