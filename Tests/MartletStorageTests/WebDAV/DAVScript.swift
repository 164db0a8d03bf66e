import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// For suites of WebDAV's back end against servers that lie, lose and refuse: what those say, and who asks them. What it
/// does with a good one is in python/tests/storage.
protocol DAVScript {}

extension DAVScript {
    /// A store whose settings count for one server.
    func store(_ server: RudeServer, _ options: String = "\"retries\": 0") throws -> WebDAVStorage {
        WebDAVStorage(StoreSettings(try JSON.parse("[{\"url\": \"\(server.url)\", \(options)}]")))
    }

    func target(_ server: RudeServer, _ path: String) -> TargetRef { TargetRef(server.url + path) }

    func kind<T>(_ result: Result<T, StorageError>) -> StorageError.Class? {
        if case .failure(let error) = result { return error.kind }
        return nil
    }

    static func file(_ href: String, size: Int = 1) -> String {
        "<D:response><D:href>\(href)</D:href><D:propstat><D:prop><D:resourcetype/><D:getcontentlength>\(size)</D:getcontentlength>"
            + "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    }

    static func directory(_ href: String) -> String {
        "<D:response><D:href>\(href)</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>"
            + "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    }

    static func multistatus(_ responses: String) -> RudeServer.Deed {
        .send(answer("207 Multi", [], "<D:multistatus xmlns:D=\"DAV:\">\(responses)</D:multistatus>"))
    }

    /// A server that takes every body first.
    func server(_ script: @escaping @Sendable (RudeServer.Request) -> RudeServer.Deed) -> RudeServer {
        RudeServer { [.takeBody, script($0)] }
    }

    func methods(_ server: RudeServer) -> [String] { server.requests.map(\.method) }
}
