/// A pair of keys, with the token that comes with keys of limited life.
package struct AWSCredentials: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package var accessKey: String
    package var secretKey: String
    package var sessionToken: String?

    package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    /// Whose they are, never the secret.
    package var description: String { "keys of \(accessKey)" }
    package var debugDescription: String { description }
}
