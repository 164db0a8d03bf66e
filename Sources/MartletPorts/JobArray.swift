/// A submission: equal jobs under one tag, told apart by their index.
public struct JobArray: Equatable, Sendable {
    /// Unique for ever, and the job's name in the batch system: a letter, then letters, digits and `-`, 40 at the most.
    public var tag: String
    /// Elements; their indices are 0..<count.
    public var count: Int
    /// What an element runs: these words, and its index in decimal as the last one.
    public var command: [String]
    /// Absolute path of the folder in which the driver works, and jobs that share its files too.
    public var directory: String
    /// Absolute path of a folder of this submission's own, which exists: the description of its jobs, logs and results.
    public var folder: String
    /// Absolute paths of files that the command needs, each a word of it. Where jobs see none of this machine's files the
    /// dialect sends them along and puts their last component in the place of that word; the element then leaves its
    /// result as `INDEX.result` beside the job file.
    public var files: [String]
    /// URLs from which the system itself can fetch some of `files`, by their paths: those need not be sent.
    public var sources: [String: String]
    public var options: JobOptions

    public init(
        tag: String, count: Int, command: [String], directory: String, folder: String, files: [String] = [],
        sources: [String: String] = [:], options: JobOptions = JobOptions()
    ) {
        self.tag = tag
        self.count = count
        self.command = command
        self.directory = directory
        self.folder = folder
        self.files = files
        self.sources = sources
        self.options = options
    }

    /// To where output and errors of an element are appended.
    public func log(of index: Int) -> String { JobArray.log(of: index, in: folder) }
    /// Where an element leaves its outcome.
    public func result(of index: Int) -> String { JobArray.result(of: index, in: folder) }

    public static func log(of index: Int, in folder: String) -> String { "\(folder)/\(index).log" }
    public static func result(of index: Int, in folder: String) -> String { "\(folder)/\(index).result" }

    // Where elements are pilots, which take slices by claims:

    /// Who makes this file has the slice.
    public static func claim(of slice: Int, in folder: String) -> String { "\(folder)/\(slice).claim" }
    /// Where an element leaves the outcomes of a slice that it took.
    public static func result(of slice: Int, by index: Int, in folder: String) -> String {
        "\(folder)/\(slice).\(index).result"
    }
    /// The descriptions of slices, from this one on, that came when the array was submitted already.
    public static func added(from slice: Int, in folder: String) -> String { "\(folder)/\(slice).added" }
}

/// What a job asks of its batch system. nil: whatever the system gives.
public struct JobOptions: Hashable, Sendable {
    public var cores: Int?
    /// Bytes of main memory of the whole job.
    public var memory: UInt64?
    /// Bytes of scratch space.
    public var disk: UInt64?
    /// Seconds.
    public var walltime: Double?
    public var gpus: Int?
    /// Partition, queue, or computing element.
    public var queue: String?
    /// Lines for the system's own description of a job (`#SBATCH` lines without that word, submit description, xRSL).
    public var extra: [String] = []
    /// Names of nodes not to be used.
    public var avoidedNodes: [String] = []
    public init() {}
}

/// A job: an element of a submission.
public struct JobKey: Hashable, Sendable {
    public var tag: String
    public var index: Int
    public init(_ tag: String, _ index: Int) {
        self.tag = tag
        self.index = index
    }
    /// "martlet-0123456789abcdef.7".
    public var text: String { "\(tag).\(index)" }
}
