"""The sections of luigi.cfg and luigi.toml: the table of settings in docs/luigi.md."""

from __future__ import annotations

from typing import Any

from ..data import Data


class Section(Data):
    """One section of luigi's own."""

    name: str
    counts: tuple[str, ...]
    """Options that do what they do in luigi."""
    accepted: tuple[str, ...] = ()
    """Options that are there so that files stay as they are, and change nothing."""
    anything: bool = False
    """Its options are names of the analysis's own."""
    counting: str = ""
    """What counts, in words, where that is not the list of options; in Markdown."""
    accepting: str = ""
    """What is accepted, in words, likewise."""


def _section(name: str, counts: str, accepted: str = "", **others: Any) -> Section:
    """A section whose options are given as words."""
    return Section(name, tuple(counts.split()), tuple(accepted.split()), **others)


SECTIONS: tuple[Section, ...] = (
    _section(
        "core",
        "workers module log_level logging_conf_file no_lock lock_size lock_pid_dir take_lock help help_all "
        "autoload_range no_configure_logging",
        "local_scheduler scheduler_host scheduler_port scheduler_url parallel_scheduling "
        "parallel_scheduling_processes assistant",
    ),
    _section(
        "worker",
        "id keep_alive retry_external_tasks timeout task_limit task_process_context check_unfulfilled_deps "
        "check_complete_on_run force_multiprocessing send_failure_email no_install_shutdown_handler",
        "ping_interval count_uniques count_last_scheduled wait_interval wait_jitter max_keep_alive_idle_duration "
        "max_reschedules cache_task_completion",
        accepting="all others",
    ),
    _section("resources", "", anything=True, counting="how much there is of each; one unit if nothing is said"),
    _section(
        "retcode",
        "unhandled_exception missing_data task_failed already_running scheduling_error not_run",
        counting="all",
    ),
    _section("execution_summary", "summary_length", counting="all"),
    _section(
        "email",
        "force_send format method prefix receiver sender traceback_max_length",
        counting="all; `[smtp]` and `[sendgrid]` too",
    ),
    _section("smtp", "host local_hostname no_tls password port ssl timeout username"),
    _section("sendgrid", "apikey"),
    _section("logging", "", anything=True, counting="of a luigi.toml: as `logging.config` reads it"),
    _section(
        "scheduler",
        "retry_delay retry_count",
        "remove_delay worker_disconnect_delay state_path batch_emails disable_window disable_hard_timeout "
        "disable_persist max_shown_tasks max_graph_nodes record_task_history prune_on_get_work pause_enabled "
        "send_messages metrics_collector metrics_custom_import stable_done_cooldown_secs",
        counting="retry_delay, retry_count ([tasks.md](tasks.md))",
        accepting="all others: the engine is the scheduler",
    ),
)

UNTOLD = ("smtp", "sendgrid")
"""Sections that share the row of another."""

OLDER_NAMES: dict[tuple[str, str], tuple[str, str]] = {
    ("core", "default_scheduler_host"): ("core", "scheduler_host"),
    ("core", "default_scheduler_port"): ("core", "scheduler_port"),
    ("core", "default_scheduler_url"): ("core", "scheduler_url"),
    ("core", "retry_external_tasks"): ("worker", "retry_external_tasks"),
    ("core", "email_type"): ("email", "format"),
    ("core", "email_prefix"): ("email", "prefix"),
    ("core", "email_sender"): ("email", "sender"),
    ("core", "error_email"): ("email", "receiver"),
    ("email", "type"): ("email", "method"),
    **{
        ("core", f"worker_{name}"): ("worker", name)
        for name in (
            "ping_interval", "keep_alive", "count_uniques", "wait_interval", "max_reschedules", "timeout", "task_limit",
        )
    },
}
"""Names that luigi still reads, with underscores, and the ones that took their place."""

OF_LUIGID = frozenset(
    {"batch-notifier", "batch_email", "batch_notifier", "cors", "datadog", "prometheus", "task_history", "visualiser"}
)
"""Sections of the central scheduler's."""
OF_LUIGID_IN_CORE = frozenset(
    {"rpc_connect_timeout", "rpc_retry_attempts", "rpc_retry_wait", "rpc_log_retries", "history_filename"}
)

OF_CONTRIB = frozenset(
    {
        "azureblob", "batch", "bigquery", "dropbox", "elasticsearch", "hadoop", "hdfs", "hive", "kubernetes", "lsf",
        "mssql", "mysql", "pig", "postgres", "presto", "pyspark_runner", "redis", "redshift", "s3", "salesforce",
        "scalding", "sge", "spark", "sqlalchemy", "webhdfs",
    }
)  # fmt: skip
"""Sections that modules of luigi.contrib read."""
