import MartletModel
import MartletPorts
import MartletRuntime
import MartletTesting
import Testing

@Suite struct StoresTests {
    private func status(_ stores: Stores, _ locations: String...) -> [String] {
        stores.stat(locations.map { TargetRef($0) }).map { answer in
            switch answer {
            case .success(let status): return "\(status.size)"
            case .failure(let error): return error.kind.rawValue
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
        #expect(status(stores, place, "\(scheme):///a/other") == ["3", "absent"])
        #expect(status(stores, place, "moon://base/file", place) == ["3", "unsupported", "3"])
        #expect(memory.calls(.stat) == 2)
    }

    @Test func whatNoStoreKnowsIsNotAbsent() {
        #expect(status(Stores([]), "moon://base/file") == ["unsupported"])
        #expect(status(Stores([])) == [])
    }
}
