import Glibc
import MartletModel
import MartletSystem
import MartletTesting

/// `contract`: plays what every store (`playStore`) or batch system (`playBatch`) must do. On standard input a JSON object
/// (it may hold secrets, and so is no argument) with `url` or `batch`. Prints one finding a line; the exit code is 0 when
/// there is none, 1 when there are some, 2 when the contract could not be played.

func refuse(_ why: String) -> Never {
    print("contract: \(why)")
    exit(2)
}

func input() -> JSON {
    do {
        return try JSON.parse(try File.read("/dev/stdin"))
    } catch {
        refuse("standard input: \(error)")
    }
}

let request = input()
let found: Findings
if let name = request["batch"]?.string {
    found = playBatch(request, name: name)
} else if let url = request["url"]?.string {
    found = playStore(request, url: url)
} else {
    refuse("there is no url, and no batch system")
}
for finding in found.all { print(finding) }
exit(found.isEmpty ? 0 : 1)
