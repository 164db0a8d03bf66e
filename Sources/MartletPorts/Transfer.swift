import MartletModel

/// A file that goes between a store and a local path.
public struct Transfer: Hashable, Sendable {
    /// In the store.
    public var target: TargetRef
    /// Here. Absolute when another process is to do it.
    public var local: String
    /// Where what is fetched is kept until it is whole: beside `local`, unlike any other name. Chosen by whoever asks,
    /// who can clear away what a killed process has left there. Not used by `store`.
    public var partial: String
    public init(_ target: TargetRef, local: String, partial: String) {
        self.target = target
        self.local = local
        self.partial = partial
    }
}

/// How far many transfers have come together.
public struct TransferProgress: Equatable, Sendable {
    public var bytesDone: UInt64
    /// As far as sizes are known by now.
    public var bytesTotal: UInt64
    public var filesDone: Int
    public var filesTotal: Int
    public init(bytesDone: UInt64 = 0, bytesTotal: UInt64 = 0, filesDone: Int = 0, filesTotal: Int) {
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
        self.filesDone = filesDone
        self.filesTotal = filesTotal
    }
}
