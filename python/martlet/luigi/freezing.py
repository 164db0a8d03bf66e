"""luigi.freezing"""

from ..parameters.frozen import FrozenOrderedDict, recursively_freeze, recursively_unfreeze

__all__ = ["FrozenOrderedDict", "recursively_freeze", "recursively_unfreeze"]
