"""What luigi's worker raises."""


class TaskException(Exception):
    """Something that was to be run is no task, or not yet one."""
