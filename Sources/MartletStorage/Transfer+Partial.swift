import MartletModel
import MartletPorts
import MartletSystem

extension Transfer {
    /// A transfer whose unfinished content lies beside the local path.
    public init(_ target: TargetRef, local: String) {
        self.init(target, local: local, partial: File.temporaryName(besides: local))
    }
}
