"""What of luigi's classes is not as it is in luigi: a table of docs/migrate.md. All other members are the same."""

from __future__ import annotations

from .verdict import Row, Verdict, row

_WORKS, _DIFFERS, _NONE = Verdict.WORKS, Verdict.DIFFERS, Verdict.NONE

RPC = (
    "add_scheduler_message_response add_task add_task_batcher add_worker announce_scheduling_failure count_pending "
    "decrease_running_task_resources dep_graph disable_worker fetch_error forgive_failures "
    "get_running_task_resources get_scheduler_message_response get_task_progress_percentage "
    "get_task_status_message get_work graph has_task_history inverse_dep_graph is_pause_enabled is_paused "
    "mark_as_done pause ping prune re_enable_task report_task_statistics resource_list send_scheduler_message "
    "set_task_progress_percentage set_task_status_message set_worker_processes task_list task_search unpause "
    "update_metrics_task_started update_resource update_resources worker_list"
)
"""What workers of luigi ask of a scheduler."""

ROWS: tuple[Row, ...] = (
    row(
        "luigi.task.Task",
        "set_status_message set_tracking_url set_progress_percentage",
        _DIFFERS,
        "what they are told is logged, at the level INFO: there is no luigid to show it",
        "status messages",
    ),
    row(
        "luigi.task.Task",
        "decrease_running_resources",
        _DIFFERS,
        "logged; what the task holds is given back at its end",
    ),
    row(
        "luigi.task.Task",
        "accepts_messages scheduler_messages",
        _DIFFERS,
        "accepted; the queue stays empty, since there is no luigid to send messages from",
    ),
    row(
        "luigi.task.Task",
        "disable_hard_timeout disable_window disable_window_seconds",
        _DIFFERS,
        "accepted; a task that fails is not disabled for later runs: there is no scheduler that outlives a run",
    ),
    row("luigi.worker.Worker", "add run _run_task", _WORKS, "called as in luigi"),
    row(
        "luigi.worker.Worker",
        "dispatch_scheduler_message handle_interrupt set_worker_processes _add _add_task _add_task_batcher _add_worker "
        "_announce_scheduling_failure _check_complete_value _create_task_process _email_complete_error "
        "_email_dependency_error _email_error _email_task_failure _email_unexpected_error _generate_worker_id "
        "_generate_worker_info _get_work _get_work_task_id _handle_next_task _handle_rpc_message "
        "_handle_task_load_error _keep_alive _log_complete_error _log_dependency_error _log_remote_tasks "
        "_log_unexpected_error _purge_children _sleeper _start_phasing_out _validate_dependency _validate_task",
        _NONE,
        "none: not called: the engine plans and runs the tasks",
    ),
    row("luigi.scheduler.Scheduler", RPC, _NONE, "none: not called: the engine is the scheduler"),
    row("luigi.rpc.RemoteScheduler", RPC, _NONE, "none: not called: the engine is the scheduler"),
)
