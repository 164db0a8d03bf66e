import CCurl
import MartletPorts
import MartletSystem

/// Sends many requests at once over connections that stay open. Not safe for use by two threads at once.
///
/// libcurl has threads of its own while it looks names up, so a process that forks must not hold one of these.
final class HTTPClient: @unchecked Sendable {
    // Unchecked: used from one thread at a time, as back ends are.

    let settings: ConnectionSettings
    private var multi: OpaquePointer?
    /// Attempts that are not under way, to be used again.
    private var idle: [Exchange] = []
    private var random = SystemRandomNumberGenerator()
    private let clock = SystemClock()

    init(_ settings: ConnectionSettings = ConnectionSettings()) { self.settings = settings }

    deinit {
        idle = []
        if let multi { ccurl_multi_free(multi) }
    }

    /// One answer per request, in order. Blocks until all have ended.
    /// - Parameters:
    ///   - authorizer: asked before every attempt.
    ///   - progress: called about ten times a second, also when nothing has moved, and at the end.
    func perform(
        _ requests: [HTTPRequest], authorizing authorizer: some RequestAuthorizer = Anonymous(),
        progress: ((HTTPProgress) -> Void)? = nil
    ) -> [Result<HTTPResponse, StorageError>] {
        do throws(StorageError) {
            let multi = try opened()
            var batch = RequestBatch(requests, settings, authorizer, clock: clock)
            while !batch.isDone {
                while let index = batch.next() { start(index, &batch, multi) }
                let isNews = try carryOn(&batch, multi)
                if let progress { batch.tell(progress) }
                // the place of one that has ended is another's at once
                if !isNews { try wait(batch.patience(progress == nil ? 1000 : 100), multi) }
            }
            if let progress { batch.tell(progress, atOnce: true) }
            return batch.results
        } catch {
            return requests.map { _ in .failure(error) }
        }
    }

    private func opened() throws(StorageError) -> OpaquePointer {
        if let multi { return multi }
        if let reason = ccurl_load() {
            throw StorageError(
                .unsupported,
                "stores over HTTP need libcurl, which could not be loaded: \(String(cString: reason)); install libcurl4 "
                    + "(Debian) or libcurl (EL), or name its file in MARTLET_LIBCURL")
        }
        // a server that closes its connection while we write must not end the process
        Signals.ignoreBrokenPipes()
        guard let multi = ccurl_multi_new(Int32(2 * settings.parallel)) else { throw Exchange.noMemory }
        self.multi = multi
        return multi
    }

    private func start<A>(_ index: Int, _ batch: inout RequestBatch<A>, _ multi: OpaquePointer) {
        do throws(StorageError) {
            guard let exchange = idle.popLast() ?? Exchange() else { throw Exchange.noMemory }
            try batch.begin(index)
            try exchange.prepare(index, batch.run(index), settings)
            guard ccurl_multi_add(multi, exchange.easy) == 0 else { throw Exchange.noMemory }
            batch.underWay(exchange)
        } catch {
            batch.couldNotStart(index, error)
        }
    }

    /// - Returns: whether any has ended.
    private func carryOn<A>(_ batch: inout RequestBatch<A>, _ multi: OpaquePointer) throws(StorageError) -> Bool {
        try check(ccurl_multi_perform(multi))
        var isNews = false
        var code: Int32 = 0
        while let easy = ccurl_multi_ended(multi, &code) {
            guard let context = ccurl_context(easy) else { continue }
            // the batch holds the exchange
            let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
            ccurl_multi_remove(multi, easy)
            batch.ended(exchange, exchange.end(code), &random)
            // one that failed may not have let go of everything
            if code == 0 { idle.append(exchange) }
            isNews = true
        }
        return isNews
    }

    private func wait(_ milliseconds: Int32, _ multi: OpaquePointer) throws(StorageError) {
        try check(ccurl_multi_wait(multi, milliseconds))
    }

    private func check(_ code: Int32) throws(StorageError) {
        if code != 0 { throw StorageError(.transient, "libcurl cannot go on: error \(code) of its transfers together") }
    }
}
