"""Task classes that the tests of the run loop share."""

from .asking import Asks, BoxedAsks, Countdown, Killer
from .batches import BoxedPart, Part, Parts
from .commands import Counted, Said, SaidBriefly, SaidInSandbox
from .files import Data, Leg, Link, NeedsData, Number, Odd, Own, Plain, PlainWrapper, Total, Watches
from .machine import Limited, LimitedInSandbox, LimitedOnce, Sees, SeesAlone, SeesAsLuigi, Wears
from .talking import Talks, TalksAtLength
from .troubles import Broken, Circle, Crashes, Failing, Flaky, Moody, Poison, Trouble, Undecided, Unnamed, Wrapper

__all__ = [
    "Asks",
    "BoxedAsks",
    "BoxedPart",
    "Broken",
    "Circle",
    "Countdown",
    "Counted",
    "Crashes",
    "Data",
    "Failing",
    "Flaky",
    "Killer",
    "Leg",
    "Limited",
    "LimitedInSandbox",
    "LimitedOnce",
    "Link",
    "Moody",
    "NeedsData",
    "Number",
    "Odd",
    "Own",
    "Part",
    "Parts",
    "Plain",
    "PlainWrapper",
    "Poison",
    "Said",
    "SaidBriefly",
    "SaidInSandbox",
    "Sees",
    "SeesAlone",
    "SeesAsLuigi",
    "Talks",
    "TalksAtLength",
    "Total",
    "Trouble",
    "Undecided",
    "Unnamed",
    "Watches",
    "Wears",
    "Wrapper",
]
