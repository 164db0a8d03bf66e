import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// Who asks, and by which name.
@Suite struct WebDAVAskingTests: DAVScript {
    // MARK: tokens

    @Test func aTokenIsReadAgainWhenItsFileChangesAndWhenItIsRefused() throws {
        let scratch = try ScratchDirectory("dav")
        scratch.write("token", "first-token\n")
        let path = "\(scratch.path)/token"
        let server = server { request in
            switch request.headers["authorization"] {
            case "Bearer second-token": return Self.multistatus(Self.file("/x"))
            default:
                // the token is renewed while the request is on its way
                try! File.replace(path, with: Array("second-token".utf8))
                return .send(answer("401 Expired"))
            }
        }
        defer { server.stop() }
        let store = try store(server, "\"token_file\": \"\(path)\", \"retries\": 0")
        #expect(kind(store.stat(target(server, "/x"))) == nil)
        #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer first-token", "Bearer second-token"])
        scratch.write("token", "third-token")
        let refused = store.stat(target(server, "/x"))
        #expect(server.requests[2].headers["authorization"] == "Bearer third-token")
        // the script has renewed it once more
        #expect(kind(refused) == nil)
    }

    @Test func whatTheStoreIsAskedWithIsToldWithoutTheSecret() throws {
        let server = server { _ in .send(answer("403 No")) }
        defer { server.stop() }
        let answered = try store(server, "\"token\": \"secret-token\"").stat(target(server, "/x"))
        guard case .failure(let error) = answered else { Issue.record("it was not refused"); return }
        #expect(error == StorageError(.denied, "PROPFIND \(server.url)/x: 403 No (asked with the token of the settings)"))
        #expect(server.requests.count == 1)
    }

    // MARK: settings and names

    @Test(arguments: ["\"parallel\": \"many\"", "\"checksum\": \"crc99\"", "\"user\": \"doe\"", "\"timeout\": -1", "\"token\": 3"])
    func settingsThatCannotBeAreRefused(options: String) throws {
        let server = server { _ in .send(answer("200 OK")) }
        defer { server.stop() }
        let kind = kind(try store(server, options).stat(target(server, "/x")))
        #expect(kind == .unsupported || kind == .denied)
        #expect(server.requests.isEmpty)
    }

    @Test func eachNameIsEncodedAsItself() throws {
        let server = server { _ in .send(answer("404 Nothing")) }
        defer { server.stop() }
        let store = try store(server)
        for name in ["a b", "100%", "%41", "x#y", "what?", "é", "a&b=c;d", "-rf", "'\"`$(x)", "\\", "~", "😀"] {
            #expect(kind(store.stat(target(server, "/d/\(name)"))) == .absent)
            #expect(PercentEncoding.decoded(server.requests.last!.path) == "/d/\(name)")
        }
        let count = server.requests.count
        for name in ["../x", "a/../../x", "a\nb", "a\u{0}b"] {
            #expect(kind(store.stat(target(server, "/d/\(name)"))) == .unsupported)
            #expect(kind(store.put([1], besides: target(server, "/d/\(name)"))) == .unsupported)
            #expect(kind(store.delete(target(server, "/d/\(name)"))) == .unsupported)
        }
        #expect(server.requests.count == count)
    }
}
