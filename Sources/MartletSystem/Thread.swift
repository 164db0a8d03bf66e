import Glibc

/// A plain thread that must be joined before the call that made it returns: nothing of ours may be running when the
/// process forks.
final class Thread {
    private var handle = pthread_t()

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// nil when the system gives no thread; the caller does the work itself then.
    init?(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &handle, nil,
            { raw in
                // raw is the pointer that was just retained for this thread
                if let raw { Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
        if code != 0 {
            body.release()
            return nil
        }
    }

    func join() { pthread_join(handle, nil) }
}
