import MartletEngine
import MartletModel
import Testing

/// Engines with workers that can be replaced, and what they are told to do.
private struct Shop {
    var engine: Engine
    var actions: [Action] = []

    init(_ settings: Settings) { engine = Engine(settings) }

    mutating func tell(_ events: Event...) { actions = engine.handle(events) }

    mutating func join(_ id: UInt32, _ lane: Lane = .worker) {
        tell(.workerJoined(WorkerID(id), lane: lane, capacity: 1, ahead: lane == .worker))
    }

    mutating func plan(_ terms: [Terms]) {
        let tasks = terms.enumerated().map { i, terms in
            PlannedTask(TaskIndex(i), .outputAbsent, terms: engine.number(of: terms))
        }
        tell(.planned(tasks), .planEnded(roots: tasks.map(\.index), until: []))
    }

    mutating func end(_ task: Int) { tell(.ended(TaskIndex(task), Outcome(.done, wall: 1))) }

    func gpus(_ task: Int) -> [Int]? { engine.equipment(of: TaskIndex(task)).devices["gpu"] }
}

private func gpu(_ amount: Double, _ lane: Lane = .worker) -> Terms {
    Terms(lane: lane, resources: Resources(["gpu": amount]))
}

@Suite struct DeviceTests {
    @Test func aWorkerThatRanSomethingElseIsReplacedForADevice() {
        var shop = Shop(Settings(slots: 1, devices: ["gpu": 2]))
        shop.plan([Terms(), gpu(1), gpu(1)])
        #expect(shop.actions == [.wantWorkers(1, .worker)])
        shop.join(1)
        #expect(shop.actions == [.start(TaskIndex(0), on: WorkerID(1))])
        shop.end(0)
        #expect(shop.actions == [.retire(WorkerID(1)), .wantWorkers(1, .worker)])
        shop.join(2)
        #expect(shop.actions == [.start(TaskIndex(1), on: WorkerID(2))])
        #expect(shop.gpus(1) == [0])
        shop.end(1)
        // the same device again, so the same worker
        #expect(shop.actions == [.start(TaskIndex(2), on: WorkerID(2))])
        #expect(shop.gpus(2) == [0])
    }

    @Test func aFreshWorkerShunsWhatAnotherHasSeen() {
        var shop = Shop(Settings(slots: 2, devices: ["gpu": 2]))
        shop.plan([gpu(1), Terms(), gpu(1)])
        shop.join(1)
        shop.tell(.ended(TaskIndex(0), Outcome(.raised)), .workerJoined(WorkerID(2), lane: .worker, capacity: 1, ahead: true))
        // worker 1, bound to device 0, runs the task without; the next one is for the fresh worker
        #expect(shop.actions == [.start(TaskIndex(1), on: WorkerID(1)), .start(TaskIndex(2), on: WorkerID(2))])
        #expect(shop.gpus(2) == [1])
    }

    @Test func partsFillOneDeviceBeforeTheNext() {
        var shop = Shop(Settings(slots: 4, devices: ["gpu": 2]))
        shop.plan([gpu(0.5), gpu(0.5), gpu(1), gpu(0.1)])
        for id: UInt32 in 1...4 { shop.join(id) }
        #expect([shop.gpus(0), shop.gpus(1), shop.gpus(2)] == [[0], [0], [1]])
        #expect(shop.engine.states[3] == .ready)
        shop.end(0)
        #expect(shop.gpus(3) == [0])
        #expect(shop.engine.checkInvariants().isEmpty)
    }

    @Test func moreThanThereAreNeverFits() {
        var shop = Shop(Settings(slots: 1, devices: ["gpu": 2]))
        shop.plan([gpu(3), gpu(2.5)])
        #expect(shop.engine.states == [.broken, .broken])
    }

    @Test func aBatchSystemHandsOutItsOwn() {
        var shop = Shop(Settings(slots: 1, limits: ["gpu": 9], devices: ["gpu": 1]))
        shop.plan([gpu(4, .batch)])
        shop.tell(.workerJoined(WorkerID(9), lane: .batch, capacity: 10, ahead: false))
        #expect(shop.actions == [.start(TaskIndex(0), on: WorkerID(9))])
        #expect(shop.engine.equipment(of: TaskIndex(0)) == .untouched)
    }
}

@Suite struct CoreTests {
    @Test func coresAreCountedAndClipped() {
        var shop = Shop(Settings(slots: 3, cores: 4))
        let wide = Terms(share: Share(cores: 64)), narrow = Terms(share: Share(cores: 1))
        shop.plan([narrow, wide, narrow])
        for id: UInt32 in 1...3 { shop.join(id) }
        #expect(shop.engine.states == [.running, .ready, .running])
        shop.end(0)
        #expect(shop.engine.states[1] == .ready)
        shop.end(2)
        #expect(shop.engine.states[1] == .running)
    }
}

@Suite struct ProcessOfItsOwnTests {
    @Test func oneTaskAndThenItEnds() {
        var shop = Shop(Settings(slots: 1))
        shop.plan([Terms(lane: .fork), Terms(lane: .fork)])
        #expect(shop.actions == [.wantWorkers(1, .fork)])
        shop.join(1, .fork)
        shop.end(0)
        #expect(shop.actions == [.retire(WorkerID(1)), .wantWorkers(1, .fork)])
    }

    @Test func theLastSlotIsKeptForTheMoreUrgent() {
        var shop = Shop(Settings(slots: 1))
        shop.tell(.workerJoined(WorkerID(0), lane: .worker, capacity: 1, ahead: false, replaceable: false))
        shop.plan([Terms(lane: .fork), Terms(), Terms(lane: .fork)])
        #expect(shop.actions == [.wantWorkers(1, .fork)])
        shop.join(1, .fork)
        shop.end(0)
        #expect(shop.actions == [.retire(WorkerID(1)), .start(TaskIndex(1), on: WorkerID(0))])
        shop.end(1)
        #expect(shop.actions == [.wantWorkers(1, .fork)])
    }

    @Test func aTaskThatAsksStartsAnewInAnother() {
        var shop = Shop(Settings(slots: 1))
        shop.plan([Terms(lane: .fork)])
        shop.join(1, .fork)
        shop.tell(.planned([PlannedTask(TaskIndex(1), .outputAbsent)]), .suspended(TaskIndex(0), needs: [TaskIndex(1)]))
        #expect(shop.actions == [.retire(WorkerID(1)), .wantWorkers(1, .worker)])
        shop.join(2)
        shop.end(1)
        #expect(shop.actions == [.wantWorkers(1, .fork)])
    }
}

@Suite struct OwnLogTests {
    @Test func familiesThatTakeLongHaveLogsOfTheirOwn() {
        var shop = Shop(Settings(slots: 1))
        shop.plan([Terms(), Terms(), Terms(ownLog: true)])
        shop.join(1)
        #expect([0, 1, 2].map { shop.engine.wantsOwnLog(TaskIndex($0)) } == [false, false, true])
        shop.tell(.ended(TaskIndex(0), Outcome(.done, wall: 100)))
        #expect(shop.engine.wantsOwnLog(TaskIndex(1)))
    }
}

@Suite struct WornWorkerTests {
    @Test func finishesWhatItHoldsAndIsReplaced() {
        var shop = Shop(Settings(slots: 1))
        shop.plan([Terms(), Terms()])
        shop.join(1)
        shop.tell(.ended(TaskIndex(0), Outcome(.done, wall: 1, wornOut: true)))
        #expect(shop.actions == [.retire(WorkerID(1)), .wantWorkers(1, .worker)])
    }

    @Test func soDoesOneThatHasRunEnough() {
        var shop = Shop(Settings(slots: 1, tasksPerWorker: 2))
        shop.plan([Terms(), Terms(), Terms()])
        shop.join(1)
        shop.end(0)
        #expect(shop.actions == [.start(TaskIndex(1), on: WorkerID(1))])
        shop.end(1)
        #expect(shop.actions == [.retire(WorkerID(1)), .wantWorkers(1, .worker)])
    }

    @Test func theDriverItselfGoesOn() {
        var shop = Shop(Settings(slots: 1))
        shop.tell(.workerJoined(WorkerID(0), lane: .worker, capacity: 1, ahead: false, replaceable: false))
        shop.plan([Terms(), Terms()])
        shop.tell(.ended(TaskIndex(0), Outcome(.done, wall: 1, wornOut: true)))
        #expect(shop.actions == [.start(TaskIndex(1), on: WorkerID(0))])
    }
}
