"""Every public name of luigi 3.8.1, and what becomes of it: a table of docs/migrate.md."""

from __future__ import annotations

from .verdict import Row, Verdict, row

_WORKS, _DIFFERS, _NONE = Verdict.WORKS, Verdict.DIFFERS, Verdict.NONE

ROWS: tuple[Row, ...] = (
    row(
        "luigi.task",
        "TASK_ID_INCLUDE_PARAMS TASK_ID_TRUNCATE_PARAMS TASK_ID_TRUNCATE_HASH namespace auto_namespace "
        "task_id_str BulkCompleteNotImplementedError Task MixinNaiveBulkComplete DynamicRequirements "
        "ExternalTask externalize WrapperTask Config getpaths flatten flatten_output",
        _WORKS,
        "the same; in `martlet` too",
    ),
    row(
        "luigi.target",
        "Target FileSystemException FileAlreadyExists MissingParentDirectory NotADirectory FileSystem "
        "FileSystemTarget AtomicLocalFile",
        _WORKS,
        "the same; `Target`, `FileSystem`, `FileSystemTarget` in `martlet` too",
    ),
    row(
        "luigi.local_target",
        "atomic_file LocalFileSystem LocalTarget",
        _WORKS,
        "the same; `LocalTarget`, `LocalFileSystem` in `martlet` too",
    ),
    row(
        "luigi.parameter",
        "ParameterVisibility ParameterException MissingParameterException UnknownParameterException "
        "DuplicateParameterException OptionalParameterTypeWarning UnconsumedParameterWarning Parameter "
        "OptionalParameterMixin OptionalParameter OptionalStrParameter DateParameter MonthParameter "
        "YearParameter DateHourParameter DateMinuteParameter DateSecondParameter StrParameter IntParameter "
        "OptionalIntParameter FloatParameter OptionalFloatParameter BoolParameter OptionalBoolParameter "
        "DateIntervalParameter TimeDeltaParameter TaskParameter EnumParameter EnumListParameter DictParameter "
        "OptionalDictParameter ListParameter OptionalListParameter TupleParameter OptionalTupleParameter "
        "NumericalParameter OptionalNumericalParameter ChoiceParameter ChoiceListParameter "
        "OptionalChoiceParameter PathParameter OptionalPathParameter",
        _WORKS,
        "the same; in `martlet` too",
    ),
    row(
        "luigi.parameter",
        "ConfigPath TaskType EnumParameterType DictT ListT NumericalType ChoiceType",
        _NONE,
        "none: type variables of luigi's own annotations; Martlet's have others",
    ),
    row("luigi.date_interval", "DateInterval Date Week Month Year Custom", _WORKS, "the same"),
    row("luigi.freezing", "FrozenOrderedDict recursively_freeze recursively_unfreeze", _WORKS, "the same"),
    row(
        "luigi.util",
        "common_params inherits requires copies delegates previous get_previous_completed",
        _WORKS,
        "the same",
    ),
    row(
        "luigi.format",
        "FileWrapper InputPipeProcessWrapper OutputPipeProcessWrapper BaseWrapper NewlineWrapper "
        "MixedUnicodeBytesWrapper Format ChainFormat TextWrapper NopFormat WrappedFormat TextFormat "
        "MixedUnicodeBytesFormat NewlineFormat GzipFormat Bzip2Format Text UTF8 Nop SysNewLine Gzip Bzip2 "
        "MixedUnicodeBytes get_default_format",
        _WORKS,
        "the same",
    ),
    row("luigi.event", "Event", _WORKS, "the same; in `martlet` too"),
    row("luigi.mock", "MockFileSystem MockTarget", _WORKS, "the same"),
    row(
        "luigi.notifications",
        "DEFAULT_CLIENT_EMAIL TestNotificationsTask email smtp sendgrid generate_email wrap_traceback "
        "send_email_smtp send_email_ses send_email_sendgrid send_email_sns send_email send_error_email "
        "format_task_error",
        _WORKS,
        "the same",
    ),
    row(
        "luigi.configuration",
        "get_config add_config_path LuigiConfigParser LuigiTomlParser",
        _WORKS,
        "the same: files, precedence, cfg and toml, environment",
    ),
    row(
        "luigi.interface",
        "core PidLockAlreadyTakenExit run build",
        _WORKS,
        "the same; natively `martlet.build`, `martlet.run`",
    ),
    row("luigi.cmdline", "luigi_run", _WORKS, "the same"),
    row("luigi.cmdline", "luigid", _DIFFERS, "says that there is none"),
    row("luigi.cmdline_parser", "CmdlineParser", _WORKS, "the same"),
    row(
        "luigi.execution_summary",
        "execution_summary LuigiStatusCode LuigiRunResult summary",
        _WORKS,
        "the same; natively `martlet.RunResult`",
    ),
    row("luigi.retcodes", "retcode run_with_retcodes", _WORKS, "the same; natively [exit-codes.md](exit-codes.md)"),
    row("luigi.worker", "DISABLED DONE FAILED PENDING UNKNOWN TaskException", _WORKS, "the same"),
    row("luigi.worker", "worker Worker", _DIFFERS, "there as [luigi.md](luigi.md#of-its-own) says"),
    row(
        "luigi.worker",
        "WORKER_STATE_ACTIVE WORKER_STATE_DISABLED RUNNING GetWorkResponse TaskProcess "
        "ContextManagedTaskProcess TaskStatusReporter SchedulerMessage SingleProcessPool DequeQueue "
        "AsyncCompletionException TracebackWrapper check_complete_cached check_complete KeepAliveThread "
        "rpc_message_callback",
        _NONE,
        "none: parts of luigi's worker: the engine runs the tasks ([luigi.md](luigi.md#of-its-own))",
    ),
    row(
        "luigi.scheduler",
        "BATCH_RUNNING DISABLED DONE FAILED PENDING RUNNING SUSPENDED UNKNOWN UPSTREAM_RUNNING "
        "UPSTREAM_MISSING_INPUT UPSTREAM_FAILED UPSTREAM_DISABLED",
        _WORKS,
        "the same",
    ),
    row("luigi.scheduler", "scheduler Scheduler", _DIFFERS, "there as [luigi.md](luigi.md#of-its-own) says"),
    row(
        "luigi.scheduler",
        "UPSTREAM_SEVERITY_ORDER STATUS_TO_UPSTREAM_MAP WORKER_STATE_DISABLED WORKER_STATE_ACTIVE RPC_METHODS "
        "RetryPolicy rpc_method OrderedSet Task Worker SimpleTaskState",
        _NONE,
        "none: parts of luigi's scheduler: the engine is the scheduler",
    ),
    row("luigi.rpc", "RPCError RemoteScheduler", _DIFFERS, "accepted"),
    row(
        "luigi.rpc",
        "RPC_METHODS HAS_UNIX_SOCKET HAS_REQUESTS URLLibFetcher RequestsFetcher method_name",
        _NONE,
        "none: there is no scheduler elsewhere to talk to; `RemoteScheduler` takes its arguments and stands for "
        "the engine",
    ),
    row("luigi.lock", "getpcmd get_info acquire_for", _WORKS, "the same"),
    row("luigi.lock", "PIPE", _NONE, "none: it is `subprocess.PIPE`"),
    row("luigi.setup_logging", "BaseLogging DaemonLogging InterfaceLogging", _WORKS, "the same"),
    row(
        "luigi.task_register",
        "TaskClassException TaskClassNotFoundException TaskClassAmbigiousException Register load_task",
        _WORKS,
        "the same",
    ),
    row(
        "luigi.task_status",
        "PENDING FAILED DONE RUNNING BATCH_RUNNING SUSPENDED UNKNOWN DISABLED",
        _WORKS,
        "the same",
    ),
    row(
        "luigi.tools.range",
        "RangeEvent RangeBase RangeDailyBase RangeHourlyBase RangeByMinutesBase infer_bulk_complete_from_fs "
        "RangeMonthly RangeDaily RangeHourly RangeByMinutes",
        _WORKS,
        "the same",
    ),
    row("luigi.tools.range", "most_common", _NONE, "none: private to luigi's ranges"),
    row(
        "luigi.tools.deps",
        "get_task_requires upstream find_deps find_deps_cli get_task_output_description main",
        _WORKS,
        "the same",
    ),
    row("luigi.tools.deps", "dfs_paths", _NONE, "none: private to luigi-deps; `find_deps` answers"),
    row("luigi.tools.deps_tree", "bcolors print_tree main", _WORKS, "the same"),
    row("luigi.tools.luigi_grep", "LuigiGrep main", _WORKS, "the same"),
    row(
        "luigi.process",
        "check_pid write_pid get_log_format get_spool_handler daemonize",
        _NONE,
        "none: for daemons; there is none",
    ),
    row("luigi.server", "run", _DIFFERS, "says that there is none"),
    row(
        "luigi.server",
        "RPC_METHODS cors RPCHandler BaseTaskHistoryHandler AllRunHandler SelectedRunHandler from_utc "
        "RecentRunHandler ByNameHandler ByIdHandler ByTaskIdHandler ByParamsHandler RootPathHandler "
        "MetricsHandler app stop",
        _NONE,
        "none: there is no luigid; each run has its engine",
    ),
    row(
        "luigi.metrics",
        "MetricsCollectors MetricsCollector NoMetricsCollector",
        _NONE,
        "none: for luigid; executions are in the reports ([reports.md](reports.md))",
    ),
    row(
        "luigi.batch_notifier",
        "batch_email ExplQueue BatchNotifier",
        _NONE,
        "none: e-mails of luigid; a run sends its own (`[email]`)",
    ),
    row(
        "luigi.task_history",
        "StoredTask TaskHistory NopHistory",
        _NONE,
        "none: executions are in the reports ([reports.md](reports.md))",
    ),
    row("luigi.safe_extractor", "SafeExtractor", _NONE, "none: private to luigi.contrib.hadoop_jar"),
    row(
        "luigi.db_task_history",
        "DbTaskHistory TaskRecord TaskEvent TaskParameter",
        _NONE,
        "none: executions are in the reports ([reports.md](reports.md))",
    ),
    row("luigi.mypy", "", _NONE, "none: a plugin for mypy; Martlet has type hints that need none"),
)

EXPORTS = (
    "`build`, `run`, `namespace`, `auto_namespace`, all task, parameter and target classes, the modules below",
    "the same; in `martlet` too",
)
"""What the package `luigi` itself has, in words: all of it lives in the modules."""

PROGRAMS: tuple[Row, ...] = (
    row("programs", "luigi luigi-deps luigi-deps-tree luigi-grep", _WORKS, "the same, with `martlet-luigi`"),
    row("program", "luigid", _DIFFERS, "says that there is none"),
)
