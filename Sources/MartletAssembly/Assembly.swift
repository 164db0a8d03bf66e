import MartletBatch
import MartletModel
import MartletPorts
import MartletRecords
import MartletRuntime
import MartletSandbox
import MartletSystem

/// The one place where what exists is joined to the runtime. A new back end is one file of its own and one line here.
public enum Assembly {
    public static func adapters() -> Adapters {
        Adapters(
            reports: { state, head in SegmentWriter(directory: "\(state)/reports", header: header(.reports, head)) },
            ledger: { state, head in Ledger(directory: "\(state)/ledger", header: header(.ledger, head)) },
            batchSystem: { _, _ in nil },
            sandbox: { text throws(Diagnostic) in throw Diagnostic(.sandboxUnknown, subject: text) },
            clock: SystemClock())
    }

    private static func header(_ kind: SegmentHeader.Kind, _ head: JSON) -> SegmentHeader {
        .forThisProcess(kind: kind, code: head["code"] ?? .object([]), environment: head["environment"] ?? .object([]))
    }
}
