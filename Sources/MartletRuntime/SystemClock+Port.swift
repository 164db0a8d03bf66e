import MartletPorts
import MartletSystem

extension SystemClock: Clock {}
