import MartletBatch
import MartletModel
import MartletPorts
import MartletRecords
import MartletRuntime
import MartletSandbox
import MartletStorage
import MartletSystem

/// The one place where what exists is joined to the runtime. A new back end is one file of its own and one line here.
public enum Assembly {
    /// Stores that need no courier. Made anew for each user: they are not for two threads at once.
    private static func nearStores(_ attention: @escaping Attention) -> [any StorageBackend] {
        [LocalStorage(attention: attention)]
    }

    /// Stores that live in a courier of the engine's own; those that Python knows are listed in
    /// `martlet.storage.backends`.
    static let remoteStores: [any RemoteStore.Type] = [
        WebDAVStorage.self,
        S3Storage.self,
        DropboxStorage.self,
    ]

    static let sandboxes: [any Sandbox.Type] = [
        ShellSandbox.self,
        VenvSandbox.self,
    ]

    /// Arguments: the state directory, and the limit of jobs at a time that the run was given.
    static let batchSystems: [String: @Sendable (String, Int) throws(Diagnostic) -> any BatchSystem] = [
        LocalBatch.name: { state, limit throws(Diagnostic) in
            try LocalBatch(directory: "\(state)/batch/local", limit: limit)
        },
        HTCondorDialect.name: { _, _ in CommandBatch(HTCondorDialect()) },
        SlurmDialect.name: { _, _ in CommandBatch(SlurmDialect()) },
        ARCDialect.name: { _, _ in CommandBatch(ARCDialect()) },
    ]

    public static var batchSystemNames: [String] { batchSystems.keys.sorted() }

    /// Every store, as a process sees it that may fork: what is remote is a courier's.
    /// - Parameter attention: asked while a call waits, whether it is to be given up.
    public static func stores(attention: @escaping Attention = { false }) -> Stores {
        Stores(nearStores(attention), others: farStores(attention))
    }

    private static func farStores(_ attention: @escaping Attention) -> CourierStorage {
        CourierStorage(.shared, swiftSchemes: Set(remoteStores.flatMap { $0.schemes }), attention: attention)
    }

    /// A remote store will be asked soon: who talks to it gets ready meanwhile.
    public static func expect(_ target: TargetRef) { farStores { false }.expect(target) }

    /// Stores that need neither Python nor a courier.
    public static var localStores: Stores { Stores(nearStores { false }) }

    /// Is a courier, until the client at the other end hangs up: then this process ends, whatever it is doing. Starts
    /// threads: for a process that does nothing else.
    public static func serveStores(_ socket: Int32) throws(SystemError) {
        Signals.ignoreInterrupts()
        HangUp.endsThisProcess(socket)
        let server = StoreServer(socket: socket) { settings in Stores(remoteStores.map { $0.init(settings) }) }
        try server.serve()
    }

    /// - Parameter attention: as of `stores`.
    public static func adapters(attention: @escaping Attention = { false }) -> Adapters {
        Adapters(
            reports: { state, head in SegmentWriter(directory: "\(state)/reports", header: header(.reports, head)) },
            ledger: { state, head in Ledger(directory: "\(state)/ledger", header: header(.ledger, head)) },
            batchSystem: batchSystem, sandbox: sandbox, stores: stores(attention: attention), clock: SystemClock(),
            leases: leases,
            reportIndex: { state in CatalogueIndex { () throws(Diagnostic) in try records(of: state) } },
            segments: { state in SegmentFiles(directory: "\(state)/reports") })
    }

    private static func leases(_ options: LeaseOptions) -> any LeaseTable {
        let directory = "\(options.state)/leases"
        let isLocal = options.kind == .local || (options.kind == .auto && FileSystemKind.nearest(options.state) == .local)
        if isLocal { return LocalLeases(directory: directory, enclosing: options.enclosing) }
        return SharedLeases(
            directory: directory, timeout: UInt64(max(1, options.timeout) * 1e9), enclosing: options.enclosing)
    }

    /// - Throws: `.batchUnknown`, and what keeps a system from being used.
    public static func batchSystem(
        name: String, state: String, limit: Int
    ) throws(Diagnostic) -> any BatchSystem {
        guard let make = batchSystems[name] else {
            throw Diagnostic(.batchUnknown, subject: name, cause: "there is " + batchSystemNames.joined(separator: ", "))
        }
        return try make(state, limit)
    }

    /// - Parameter text: `name:argument`.
    private static func sandbox(_ text: String) throws(Diagnostic) -> any Sandbox {
        let name = text.prefix { $0 != ":" }
        guard let kind = sandboxes.first(where: { $0.name == name }) else {
            throw Diagnostic(.sandboxUnknown, subject: text, cause: "there is " + sandboxes.map { $0.name }.joined(separator: ", "))
        }
        return try kind.init(argument: String(text.dropFirst(name.count + 1)))
    }

    /// Of a job that is begun anew. See `ResumedJob`.
    /// - Parameter state: the directory where it reports.
    public static func completeResult(_ site: JSON, tasks: [String], state: String) throws(Diagnostic) -> ResumedJob {
        try ResumedJob(site, tasks: tasks, adapters().segments(state))
    }

    /// - Parameter state: the state directory, absolute.
    public static func resubmission(in state: String, _ wish: JobResubmission.Wish) -> JobResubmission {
        JobResubmission(in: state, adapters(), wish)
    }

    /// What the records and leases of a state directory tell of tasks: an object of id to `TaskStory.json`.
    /// - Parameter tasks: ids, and the names under which runs claim them.
    /// - Throws: `.recordUnreadable`.
    public static func history(
        of tasks: [(id: String, claimName: String)], in state: String
    ) throws(Diagnostic) -> JSON {
        let records = try records(of: state)
        let digests = tasks.map { TaskDigest(of: $0.claimName) }
        let survey = try LeaseSurvey(of: Set(digests), directory: "\(state)/leases")
        var members: [JSONMember] = []
        for (task, digest) in zip(tasks, digests) {
            var story = try TaskStory(task.id, records)
            story.look(in: survey, [digest])
            members.append(JSONMember(task.id, story.json))
        }
        return .object(members)
    }

    /// What is recorded in a state directory, by its index.
    /// - Throws: `.recordUnreadable`.
    public static func records(of state: String) throws(Diagnostic) -> ReportCatalogue {
        let directory = "\(state)/reports"
        return try ReportCatalogue(directory: directory, place: .usual(for: directory))
    }

    private static func header(_ kind: SegmentHeader.Kind, _ head: JSON) -> SegmentHeader {
        var header = SegmentHeader.forThisProcess(
            kind: kind, code: head["code"] ?? .object([]), environment: head["environment"] ?? .object([]))
        header.after = head["after"]?.integer
        return header
    }
}
