import Glibc
import MartletTesting

/// `simulate FIRST LAST [MOST]`: plays the histories of these seeds, and ends at the first that goes wrong with the
/// command that replays it. `MOST`: tasks in a graph at the most. `simulate jobs SEED COUNT`: see `JobsCommand`.

/// The seed that is played, for the handler of a crash. Unchecked: one thread writes it, and the handler runs on that one.
nonisolated(unsafe) private var current: UInt64 = 0

private func replay(_ seed: UInt64, _ most: Int?) -> String {
    "replay: make simulate SEED=\(seed)" + (most.map { " TASKS=\($0)" } ?? "")
}

private func violations(_ seed: UInt64, _ most: Int?) -> [String] {
    var history = Simulation(seed: seed, most: most ?? .max)
    history.play()
    return history.violations
}

if CommandLine.arguments.count == 4, CommandLine.arguments[1] == "jobs",
    let seed = UInt64(CommandLine.arguments[2]), let count = Int(CommandLine.arguments[3]), count > 0
{
    exit(JobsCommand.run(seed: seed, count: count))
}

let numbers = CommandLine.arguments.dropFirst().map { UInt64($0) }
guard (2...3).contains(numbers.count), let first = numbers[0], let last = numbers[1], numbers.allSatisfy({ $0 != nil })
else {
    print("usage: simulate FIRST LAST [MOST] | simulate jobs SEED COUNT")
    exit(2)
}
let most = numbers.count == 3 ? numbers[2].map { Int($0) } : nil

for number in [SIGILL, SIGTRAP] {
    // the engine's own assertions end the process; nothing more is done here than to say at which seed
    signal(number) { _ in
        var line = "the engine crashes at seed \(current); \(replay(current, nil))\n"
        _ = line.withUTF8 { write(2, $0.baseAddress, $0.count) }
        _exit(1)
    }
}

for seed in first...max(first, last) {
    current = seed
    let wrong = violations(seed, most)
    guard !wrong.isEmpty else { continue }
    for line in wrong.prefix(20) { print("seed \(seed): \(line)") }
    print(replay(seed, most))
    // a smaller graph from the same seed often fails as well, and is easier to follow
    if most == nil, let small = (1...60).first(where: { !violations(seed, $0).isEmpty }) {
        print("with \(small) tasks: \(violations(seed, small)[0]); \(replay(seed, small))")
    }
    exit(1)
}
print("\(max(first, last) - first + 1) histories from seed \(first) on keep the invariants and end")
