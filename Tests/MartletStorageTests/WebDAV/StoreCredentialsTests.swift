import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

@Suite struct StoreCredentialsTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("credentials") }

    private func credentials(_ options: String, _ environment: [String: String] = [:]) throws -> StoreCredentials {
        try StoreCredentials(StoreOptions(try JSON.parse("{\(options)}"))) { environment[$0] }
    }

    private func sent(_ credentials: StoreCredentials, _ url: String) throws -> (header: String?, certificate: String?) {
        var request = HTTPRequest("GET", HTTPURL(url)!)
        try credentials.authorize(&request)
        if let header = request.headers["authorization"] {
            #expect(request.secrets.contains { header.hasSuffix($0) })
            #expect(request.secrets.allSatisfy { !request.identity.contains($0) })
        }
        return (request.headers["authorization"], request.certificate)
    }

    private func response(_ status: Int) -> HTTPResponse {
        HTTPResponse(status: status, reason: "", headers: [:], body: [], url: HTTPURL("https://host/x")!, attempts: 1)
    }

    // MARK: discovery

    private func found(_ environment: [String: String]) throws -> String? {
        try BearerTokens.found { environment[$0] }?.read()
    }

    /// "WLCG Bearer Token Discovery": the variable, the file that one names, the run-time directory, /tmp.
    @Test func theOrderOfDiscovery() throws {
        scratch.write("token", "  of-the-file \n")
        scratch.write("bt_u\(geteuid())", "of-the-directory")
        var environment = [
            "BEARER_TOKEN": "of-the-variable", "BEARER_TOKEN_FILE": "\(scratch.path)/token", "XDG_RUNTIME_DIR": scratch.path,
        ]
        #expect(try found(environment) == "of-the-variable")
        environment["BEARER_TOKEN"] = nil
        #expect(try found(environment) == "of-the-file")
        environment["BEARER_TOKEN_FILE"] = nil
        #expect(try found(environment) == "of-the-directory")
    }

    @Test func aFileThatIsNamedMustBeThere() throws {
        #expect(throws: StorageError.self) { try found(["BEARER_TOKEN_FILE": "\(scratch.path)/none"]) }
        scratch.write("empty", " \n")
        #expect(throws: StorageError.self) { try found(["BEARER_TOKEN_FILE": "\(scratch.path)/empty"]) }
        scratch.write("two", "a\nb")
        #expect(throws: StorageError.self) { try found(["BEARER_TOKEN_FILE": "\(scratch.path)/two"]) }
    }

    @Test func whatIsNoFileOfOursIsNotUsed() throws {
        let name = "bt_u\(geteuid())"
        symlink("/etc/hostname", "\(scratch.path)/\(name)")
        #expect(throws: StorageError.self) { try found(["XDG_RUNTIME_DIR": scratch.path]) }
    }

    // MARK: to whom

    private var token: [String: String] { ["BEARER_TOKEN": "abcdef"] }

    @Test func whatWasFoundGoesOnlyToServersThatWantIt() throws {
        let credentials = try credentials("", token)
        let url = HTTPURL("https://host/x")!
        #expect(try sent(credentials, "https://host/x").header == nil)
        var request = HTTPRequest("GET", url)
        try credentials.authorize(&request)
        #expect(credentials.renews(after: response(401), to: request))
        #expect(try sent(credentials, "https://host/x").header == "Bearer abcdef")
        #expect(try sent(credentials, "https://other/x").header == nil)
        try credentials.authorize(&request)
        #expect(!credentials.renews(after: response(401), to: request))
        credentials.show(to: HTTPURL("https://other/")!.origin)
        #expect(try sent(credentials, "https://other/x").header == "Bearer abcdef")
    }

    @Test func nothingGoesOverPlainHTTPThatOthersCanRead() throws {
        let found = try credentials("", token)
        found.show(to: HTTPURL("http://host/")!.origin)
        #expect(try sent(found, "http://host/x").header == nil)
        let named = try credentials("\"token\": \"abcdef\"")
        #expect(throws: StorageError.self) { try sent(named, "http://host/x") }
        let password = try credentials("\"user\": \"doe\", \"password\": \"hunter2\"")
        #expect(throws: StorageError.self) { try sent(password, "http://host/x") }
        #expect(try sent(named, "https://host/x").header == "Bearer abcdef")
        for loopback in ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x"] {
            #expect(try sent(named, loopback).header == "Bearer abcdef")
        }
        let allowed = try credentials("\"token\": \"abcdef\", \"allow_http\": true")
        #expect(try sent(allowed, "http://host/x").header == "Bearer abcdef")
    }

    // MARK: settings

    @Test func settingsComeBeforeWhatIsFound() throws {
        scratch.write("token", "of-the-store")
        let file = try credentials("\"token_file\": \"\(scratch.path)/token\"", token)
        #expect(try sent(file, "https://host/x").header == "Bearer of-the-store")
        let variable = try credentials("\"token_env\": \"MY_TOKEN\"", ["MY_TOKEN": "mine", "BEARER_TOKEN": "abcdef"])
        #expect(try sent(variable, "https://host/x").header == "Bearer mine")
        let none = try credentials("\"token\": false", token)
        none.show(to: HTTPURL("https://host/")!.origin)
        #expect(try sent(none, "https://host/x").header == nil)
    }

    @Test func aPassword() throws {
        scratch.write("password", "open:sesame\n")
        let basic = try credentials("\"user\": \"Aladdin\", \"password_file\": \"~/password\"", ["HOME": scratch.path])
        #expect(try sent(basic, "https://host/x").header == "Basic \(Base64.text(Array("Aladdin:open:sesame".utf8)))")
        #expect(throws: StorageError.self) { try credentials("\"user\": \"doe\"") }
    }

    // MARK: certificates

    @Test func aProxyIsShownWhereThereIsNoToken() throws {
        let environment = ["X509_USER_PROXY": "/x/proxy"]
        let found = try credentials("", environment)
        #expect(try sent(found, "https://host/x").certificate == "/x/proxy")
        #expect(try sent(found, "http://host/x").certificate == nil)
        let both = try credentials("", environment.merging(token) { a, _ in a })
        both.show(to: HTTPURL("https://host/")!.origin)
        #expect(try sent(both, "https://host/x") == ("Bearer abcdef", nil))
        let named = try credentials("\"proxy\": \"/my/proxy\"", environment.merging(token) { a, _ in a })
        named.show(to: HTTPURL("https://host/")!.origin)
        #expect(try sent(named, "https://host/x") == (nil, "/my/proxy"))
        #expect(try sent(credentials("\"proxy\": false", environment), "https://host/x").certificate == nil)
    }

    // MARK: redirections

    @Test func fromHTTPSToHTTPOnlyWhereThatIsAllowed() throws {
        var random = SeededRandom(seed: 1)
        for allowed in [false, true] {
            var settings = ConnectionSettings()
            settings.allowsPlainRedirects = allowed
            var run = RequestRun(HTTPRequest("GET", HTTPURL("https://door/x")!))
            try run.begin(Anonymous())
            var moved = response(302)
            moved.headers["Location"] = "http://pool:8080/y"
            switch run.judge(.answered(moved), settings, Anonymous(), &random) {
            case .redirected: #expect(allowed && run.url.text == "http://pool:8080/y")
            case .ended(.failure(let error)): #expect(!allowed && error.kind == .unsupported)
            default: Issue.record("neither")
            }
        }
    }

    @Test func aCertificateAuthorityOfTheEnvironment() throws {
        let bundle = "\(scratch.path)/bundle.pem"
        func settings(_ options: String, _ environment: [String: String]) throws -> ConnectionSettings {
            try ConnectionSettings(StoreOptions(try JSON.parse("{\(options)}"))) { environment[$0] }
        }
        let both = try settings("", ["SSL_CERT_FILE": bundle, "X509_CERT_DIR": scratch.path])
        #expect(both.authorityFile == bundle && both.authorityDirectory == scratch.path)
        let own = try settings("\"ca\": \"/own.pem\"", ["SSL_CERT_FILE": bundle, "X509_CERT_DIR": scratch.path])
        #expect(own.authorityFile == "/own.pem" && own.authorityDirectory == nil)
        #expect(try settings("\"ca\": \"\(scratch.path)\"", [:]).authorityDirectory == scratch.path)
    }
}
