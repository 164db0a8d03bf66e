"""luigi.local_target"""

from ..targets import LocalFileSystem, LocalTarget
from ..targets.atomic import AtomicBinaryFile as atomic_file

__all__ = ["LocalFileSystem", "LocalTarget", "atomic_file"]
