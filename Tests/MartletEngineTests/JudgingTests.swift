import MartletEngine
import MartletModel
import Testing

private func name(_ text: String) -> ReportName { ReportName(digestOf: Array(text.utf8)) }

/// Which tasks run, and why, from what reports say: selection (0) → histograms (1) → fit (2), the root.
@Suite struct JudgingTests {
    private let sel = TaskIndex(0), hist = TaskIndex(1), fit = TaskIndex(2)

    /// The reasons of all three. - Parameter kinds: of selection, histograms, fit.
    private func reasons(
        _ kinds: [PlannedTask.Kind], _ standings: [TaskIndex: Standing], rerunsOn: Change = []
    ) -> [Reason.Code] {
        engine(kinds, standings, rerunsOn: rerunsOn).1
    }

    private func engine(
        _ kinds: [PlannedTask.Kind], _ standings: [TaskIndex: Standing], rerunsOn: Change = []
    ) -> (Engine, [Reason.Code]) {
        var engine = Engine(Settings(slots: 1))
        var events: [Event] = [
            .planned([
                PlannedTask(fit, kinds[2], dependencies: [hist]), PlannedTask(hist, kinds[1], dependencies: [sel]),
                PlannedTask(sel, kinds[0]),
            ]), .reported(standings),
        ]
        if !rerunsOn.isEmpty { events.append(.rerunsOn(rerunsOn, FamilyIndex(UInt32(0)))) }
        _ = engine.handle(events + [.planEnded(roots: [fit], until: [])])
        return (engine, [sel, hist, fit].map { engine.reason(of: $0).code })
    }

    /// What reports say when each has consumed what the one before is called now.
    private var good: [TaskIndex: Standing] {
        [
            sel: Standing(.done, name: name("sel")),
            hist: Standing(.done, name: name("hist"), consumed: ConsumedReports([name("sel")])),
            fit: Standing(.done, name: name("fit"), consumed: ConsumedReports([name("hist")])),
        ]
    }

    private let byReport: [PlannedTask.Kind] = [.byReport, .byReport, .byReport]

    @Test func goodReportsMakeComplete() {
        #expect(reasons(byReport, good) == [.complete, .complete, .complete])
    }

    @Test func whatHasNoReportRunsWithAllBehindIt() {
        var standings = good
        standings[hist] = Standing(.none)
        #expect(reasons(byReport, standings) == [.complete, .reportAbsent, .inputsChanged])
        standings[hist] = Standing(.failed, name: name("hist"), consumed: ConsumedReports([name("sel")]))
        #expect(reasons(byReport, standings) == [.complete, .reportFailed, .inputsChanged])
        standings[hist]?.report = .removed
        #expect(reasons(byReport, standings) == [.complete, .outputsRemoved, .inputsChanged])
    }

    @Test func anotherReportOfAPredecessorCounts() {
        var standings = good
        standings[sel] = Standing(.done, name: name("sel again"))
        let (engine, codes) = engine(byReport, standings)
        #expect(codes == [.complete, .inputsChanged, .inputsChanged])
        #expect(engine.reason(of: hist).subject == sel && engine.reason(of: fit).subject == hist)
        #expect(engine.changes(of: [hist])[0].inputs == [sel])
    }

    @Test func reportsThatDoNotTellWhatTheyConsumedAreTakenAsTheyAre() {
        var standings = good
        standings[hist] = Standing(.done, name: name("hist"))
        standings[sel] = Standing(.done, name: name("sel again"))
        #expect(reasons(byReport, standings) == [.complete, .complete, .complete])
    }

    @Test func anUnknownPredecessorIsNoChange() {
        var standings = good
        standings[sel] = Standing(.none)
        #expect(reasons([.externalAbsent, .byReport, .byReport], standings)[1...] == [.complete, .complete])
    }

    @Test func anOutputThatIsGoneIsMadeAgain() {
        #expect(
            reasons([.byReportThere, .byReportAbsent, .byReportThere], good) == [.complete, .outputGone, .inputsChanged])
        var standings = good
        standings[sel] = Standing(.none)
        #expect(reasons([.byReportThere, .byReportThere, .byReportThere], standings)[0] == .unreported)
    }

    @Test func codeIsToldOfAndLeftAloneUnlessItIsToCount() {
        var standings = good
        standings[sel]?.changes = .code
        let complete: [PlannedTask.Kind] = [.complete, .complete, .complete]
        #expect(reasons(complete, standings) == [.complete, .complete, .complete])
        #expect(reasons(byReport, standings) == [.complete, .complete, .complete])
        #expect(reasons(complete, standings, rerunsOn: .code) == [.codeChanged, .complete, .complete])
        #expect(reasons(complete, standings, rerunsOn: [.code, .inputs]) == [.codeChanged, .inputsChanged, .inputsChanged])
        #expect(reasons(byReport, standings, rerunsOn: .code) == [.codeChanged, .inputsChanged, .inputsChanged])
        #expect(reasons(complete, standings, rerunsOn: .environment) == [.complete, .complete, .complete])
        standings[sel]?.changes = .environment
        #expect(reasons(complete, standings, rerunsOn: .environment)[0] == .environmentChanged)
    }

    @Test func whatIsMissingAndNotNeededStaysMissing() {
        // the histograms were deleted: the fit is as it was
        #expect(reasons([.byReport, .outputAbsent, .byReport], good) == [.complete, .notNeeded, .complete])
    }

    @Test func whatRunsMakesWhatNeedsItRun() {
        // the selection is missing, and something that runs needs it: 3
        var engine = Engine(Settings(slots: 1))
        let plot = TaskIndex(3)
        _ = engine.handle([
            .planned([
                PlannedTask(fit, .byReport, dependencies: [hist, plot]), PlannedTask(hist, .byReport, dependencies: [sel]),
                PlannedTask(plot, .byReport, dependencies: [sel]), PlannedTask(sel, .outputAbsent),
            ]),
            .reported(good.merging([plot: Standing(.none)]) { $1 }), .planEnded(roots: [fit], until: []),
        ])
        #expect(engine.reason(of: plot).code == .reportAbsent && engine.reason(of: sel).code == .outputAbsent)
        #expect(engine.reason(of: hist) == Reason(.inputsChanged, sel))
    }

    @Test func wrappersAreSeenThrough() {
        var standings = good
        let wrapper = [ConsumedReports.name(ofAll: [name("sel")])]
        standings[fit] = Standing(.done, name: name("fit"), consumed: ConsumedReports(wrapper))
        #expect(reasons([.byReport, .gathers, .byReport], standings) == [.complete, .complete, .complete])
        standings[sel] = Standing(.done, name: name("sel again"))
        let (engine, codes) = engine([.byReport, .gathers, .byReport], standings)
        #expect(codes == [.complete, .gathers, .inputsChanged] || codes == [.complete, .complete, .inputsChanged])
        #expect(engine.reason(of: fit).subject == hist)
        standings[sel] = Standing(.none)
        #expect(reasons([.byReport, .gathers, .byReport], standings) == [.reportAbsent, .gathers, .inputsChanged])
    }

    @Test func manyAreComparedByOneDigestWhateverTheirOrder() {
        let names = (0..<40).map { name("\($0)") as ReportName? }
        let consumed = ConsumedReports(names)
        guard case .all(let digest) = consumed else { return #expect(Bool(false), "40 are no list") }
        #expect(digest.utf8.count == 16)
        let none = Nameless<Int>.tasks([])
        #expect(consumed.isSame(as: names.reversed(), nameless: .count(0)))
        #expect(!consumed.isSame(as: names.dropLast() + [name("other")], nameless: .count(0)))
        #expect(!ConsumedReports([name("a"), name("b")]).isSame(as: [name("a")], nameless: none))
        #expect(!ConsumedReports([name("a"), name("a")]).isSame(as: [name("a"), name("b")], nameless: none))
        #expect(ConsumedReports([name("a"), nil]).isSame(as: [name("b"), name("a")], nameless: .unknown))
    }

    @Test func whatHasNoNameHidesNoOther() {
        let consumed = ConsumedReports([nil, name("b")])
        #expect(consumed.isSame(as: [nil, name("b")], nameless: .tasks([0])))
        #expect(consumed.isSame(as: [name("has one now"), name("b")], nameless: .tasks([0])))
        #expect(!consumed.isSame(as: [nil, name("b again")], nameless: .tasks([0])))
        #expect(!consumed.isSame(as: [name("b"), name("b again")], nameless: .tasks([0])))
        #expect(!consumed.isSame(as: [nil, name("b")], nameless: .tasks([])), "another task without a name")
        let named = ConsumedReports([name("a"), name("b")])
        #expect(named.isSame(as: [nil, name("b")], nameless: .tasks([])), "its name is gone")
        #expect(!named.isSame(as: [nil, name("b again")], nameless: .tasks([])))
        #expect(!consumed.holds(name("b again"), wasNameless: false) && consumed.holds(name("a"), wasNameless: true))
    }

    @Test func whatHasNoNameHidesNoOtherOfMany() {
        let names = [nil, nil] + (0..<40).map { name("\($0)") as ReportName? }
        let consumed = ConsumedReports(names)
        #expect(consumed.isSame(as: names, nameless: .count(2)))
        #expect(!consumed.isSame(as: names.dropLast() + [name("other")], nameless: .count(2)))
        #expect(consumed.isSame(as: names.dropLast() + [nil], nameless: .count(2)), "a name is gone: nothing is known of it")
    }

    @Test func aTaskWithoutReportHidesNoOtherThatWasMadeAgain() {
        let (hist, raw, sel) = (TaskIndex(0), TaskIndex(1), TaskIndex(2))
        func reason(_ selection: String) -> (Reason, [TaskIndex]) {
            var engine = Engine(Settings(slots: 1))
            _ = engine.handle([
                .planned([
                    PlannedTask(hist, .byReport, dependencies: [raw, sel]), PlannedTask(raw, .complete), PlannedTask(sel, .byReport),
                ]),
                .reported([
                    raw: Standing(.none), sel: Standing(.done, name: name(selection)),
                    hist: Standing(
                        .done, name: name("hist"), consumed: ConsumedReports([nil, name("sel")]), nameless: .tasks([raw])),
                ]), .planEnded(roots: [hist], until: []),
            ])
            return (engine.reason(of: hist), engine.changes(of: [hist])[0].inputs)
        }
        #expect(reason("sel") == (Reason(.complete), []))
        #expect(reason("sel again") == (Reason(.inputsChanged, sel), [sel]))
    }

    @Test func tasksThatAreAskedForWhileOthersRunAreJudgedToo() {
        var engine = Engine(Settings(slots: 1))
        let asked = TaskIndex(1), below = TaskIndex(2)
        _ = engine.handle([
            .planned([PlannedTask(TaskIndex(0), .outputAbsent)]), .planEnded(roots: [TaskIndex(0)], until: []),
            .workerJoined(WorkerID(1), lane: .worker, capacity: 1, ahead: false),
        ])
        _ = engine.handle([
            .reported([
                asked: Standing(.done, name: name("a"), consumed: ConsumedReports([name("b")])),
                below: Standing(.done, name: name("b again")),
            ]),
            .planned([PlannedTask(asked, .byReport, dependencies: [below]), PlannedTask(below, .byReport)]),
        ])
        #expect(engine.reason(of: asked) == Reason(.inputsChanged, below))
        #expect(engine.states[below.position] == .present)
    }
}
