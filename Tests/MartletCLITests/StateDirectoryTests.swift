import Testing

@testable import MartletCLI

@Suite struct StateDirectoryTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    func search(_ name: String, userFile: String? = nil) throws -> StateDirectory.Answer {
        try StateDirectory.search(from: try folder.directory(name), userFile: userFile)
    }

    @Test func theFlagCountsMost() throws { #expect(try StateDirectory.locate(option: "here") == "here") }

    @Test func liesBesideTheProjectFile() throws {
        try folder.file("project/martlet.toml", "workers = 2\n")
        _ = try folder.directory("project/deep/.martlet")
        #expect(try search("project/deep/er") == .directory("\(folder.path)/project/.martlet"))
    }

    @Test func aSectionInPyprojectCounts() throws {
        try folder.file("project/pyproject.toml", "[tool.martlet]\nworkers = 2\n")
        try folder.file("project/inner/pyproject.toml", "[tool.ruff]\n")
        #expect(try search("project/inner") == .directory("\(folder.path)/project/.martlet"))
    }

    @Test func withoutAProjectFileTheNearestOneUpwards() throws {
        _ = try folder.directory("project/.martlet")
        #expect(try search("project/a/b") == .directory("\(folder.path)/project/.martlet"))
        #expect(try search("other") == .directory("\(folder.path)/other/.martlet"))
    }

    @Test func pythonIsAskedWhereAFileSpeaksOfState() throws {
        try folder.file("project/martlet.toml", "state = \"/data/state\"\n")
        #expect(try search("project/a") == .configured)
        let user = try folder.file("home/martlet.toml", "state = '~/state'\n")
        #expect(try search("other", userFile: user) == .configured)
        #expect(try search("other", userFile: "\(folder.path)/absent") == .directory("\(folder.path)/other/.martlet"))
    }
}
