import MartletModel
import MartletPorts
import MartletTesting
import Testing

@Suite struct StoresTests {
    private func status(_ stores: Stores, _ locations: String...) -> [String] {
        stores.look(locations.map { TargetRef($0) }, while: nil).map { answer in
            switch answer {
            case .there: return "there"
            case .absent: return "absent"
            case .unknown(let error): return error.kind.rawValue
            }
        }
    }

    @Test func asksTheStoreOfEachScheme() throws {
        let memory = MemoryStorage()
        let scheme = try #require(MemoryStorage.schemes.first)
        let place = "\(scheme):///a/file"
        try memory.mkdir(TargetRef("\(scheme):///a")).get()
        let temporary = try memory.put([1, 2, 3], besides: TargetRef(place)).get()
        try memory.commit(temporary, as: TargetRef(place)).get()
        let stores = Stores([memory])
        #expect(status(stores, place, "\(scheme):///a/other") == ["there", "absent"])
        #expect(status(stores, place, "moon://base/file", place) == ["there", "unsupported", "there"])
        #expect(memory.calls(.stat) == 2)
    }

    @Test func whatNoStoreKnowsIsNotAbsent() {
        #expect(status(Stores([]), "moon://base/file") == ["unsupported"])
        #expect(status(Stores([])) == [])
    }
}
