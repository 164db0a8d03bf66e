"""The names of law 0.1, and what becomes of them: tables of docs/migrate.md.

None works as it stands: law needs the real luigi. `Verdict.REWRITTEN` means that Martlet has it in another form.
"""

from __future__ import annotations

from .verdict import Row, Verdict, row

_REWRITTEN, _NONE = Verdict.REWRITTEN, Verdict.NONE

ROWS: tuple[Row, ...] = (
    row(
        "law",
        "Register Task WrapperTask ExternalTask",
        _REWRITTEN,
        "`martlet.Task`, `martlet.WrapperTask`, `martlet.ExternalTask`",
    ),
    row(
        "law",
        "SandboxTask Sandbox BashSandbox VenvSandbox",
        _REWRITTEN,
        '`sandbox = "shell:setup.sh"` or `"venv:/path"` on any task',
    ),
    row(
        "law",
        "BaseWorkflow LocalWorkflow WorkflowParameter workflow_property dynamic_workflow_condition",
        _REWRITTEN,
        "`martlet.Workflow` ([workflows.md](workflows.md)), with `late_branch_map = True` where the map depends on "
        "what a task makes",
    ),
    row(
        "law",
        "FileSystemTarget LocalFileSystem LocalTarget",
        _REWRITTEN,
        "the same names in `martlet`",
    ),
    row(
        "law",
        "FileSystemFileTarget FileSystemDirectoryTarget LocalFileTarget LocalDirectoryTarget",
        _REWRITTEN,
        "`martlet.LocalTarget`, `martlet.DirectoryTarget`; `child`, `sibling`, `localize`, `load`, `dump`, … "
        "as in law ([targets.md](targets.md))",
    ),
    row(
        "law",
        "TargetCollection FileCollection SiblingFileCollection NestedSiblingFileCollection",
        _REWRITTEN,
        "`martlet.TargetCollection`, `martlet.SiblingCollection`, with `threshold`, `count`, `localize`; nested ones "
        "too are looked at by one listing a directory",
    ),
    row(
        "law",
        "MirroredTarget MirroredFileTarget MirroredDirectoryTarget",
        _REWRITTEN,
        "`martlet.MirroredTarget`, or `mirror` and `mount` of a store ([targets.md](targets.md#mirrors))",
    ),
    row(
        "law",
        "BaseJobManager BaseJobFileFactory JobInputFile JobArguments",
        _NONE,
        "none: the engine submits; `--batch NAME` says where",
    ),
    row(
        "law",
        "NO_STR NO_INT NO_FLOAT is_no_param no_value get_param",
        _REWRITTEN,
        "`martlet.OptionalParameter` and its kin, whose default is None",
    ),
    row("law", "Parameter OptionalBoolParameter", _REWRITTEN, "the same names in `martlet`"),
    row(
        "law",
        "TaskInstanceParameter",
        _NONE,
        "none: give the class with `martlet.TaskParameter`, or require the task",
    ),
    row("law", "DurationParameter", _REWRITTEN, "`martlet.TimeDeltaParameter`"),
    row("law", "BytesParameter", _NONE, "none: `martlet.Parameter`, read in the task"),
    row(
        "law",
        "CSVParameter MultiCSVParameter",
        _REWRITTEN,
        "`martlet.ListParameter`, `martlet.ChoiceListParameter`: JSON, or words with commas",
    ),
    row("law", "RangeParameter MultiRangeParameter", _NONE, "none: `martlet.ListParameter` with the ends"),
    row(
        "law",
        "NotifyParameter NotifyMultiParameter NotifyMailParameter NotifyCustomParameter notify_mail",
        _REWRITTEN,
        "`Event.SUCCESS` and `Event.FAILURE` handlers; `[email]` under luigi's face",
    ),
    row("law", "Config", _REWRITTEN, "`martlet.Config`, a class of parameters"),
    row("law", "run", _REWRITTEN, "`martlet.run`"),
    row("law", "luigi_version luigi_version_info", _NONE, "none: they are those of luigi"),
    row(
        "law.decorator",
        "factory log safe_output delay notify timeit localize require_sandbox",
        _REWRITTEN,
        "none needed: logs, times and whole outputs come with every task, `sandbox` is an attribute",
    ),
    row("law.task.interactive", "", _REWRITTEN, "`martlet run --dry-run`, `--explain`"),
    row("law.task.proxy", "", _NONE, "none: nothing is proxied"),
    row(
        "law.target.formatter",
        "",
        _REWRITTEN,
        "`load()` and `dump()`, by the end of the name; `formatter=` is `filetype=` "
        "([targets.md](targets.md#file-types))",
    ),
    row("law.util", "", _NONE, "none: law's own helpers, which work on without the rest of law"),
    row("law.contrib", "load load_all", _REWRITTEN, "none needed: there are no parts to be loaded"),
    row("law.patches", "", _NONE, "none: there is no worker of luigi to change"),
    row(
        "law.contrib",
        "slurm htcondor arc lsf glite",
        _REWRITTEN,
        "`--batch NAME` for every task of a run, where it knows the system ([command-line.md](command-line.md))",
    ),
    row("law.contrib", "docker singularity", _REWRITTEN, "`CommandTask` with the engine's command"),
    row(
        "law.contrib",
        "wlcg gfal dropbox",
        _REWRITTEN,
        "`martlet.store(NAME)` and `martlet.RemoteTarget(URL)`; what law.cfg says of a file system is in "
        "`[stores.NAME]` ([storage.md](storage.md))",
    ),
    row("law.contrib", "cms", _NONE, "none: stores are reached by their URLs, and jobs go to batch systems"),
    row(
        "law.contrib",
        "awkward hdf5 matplotlib numpy pandas pyarrow root",
        _REWRITTEN,
        "`load()` and `dump()` of any target ([targets.md](targets.md#file-types))",
    ),
    row(
        "law.contrib",
        "coffea keras tensorflow",
        _REWRITTEN,
        "`localize()` gives their libraries a path; `filetypes.register` makes a file type of that "
        "([targets.md](targets.md#file-types))",
    ),
    row(
        "law.contrib",
        "git mercurial profiling tasks ipython rich",
        _NONE,
        "none: the revision of the code is in every report ([reports.md](reports.md))",
    ),
    row(
        "law.contrib",
        "slack mattermost telegram",
        _REWRITTEN,
        "`Event.SUCCESS` and `Event.FAILURE` handlers",
    ),
)

MEMBERS: tuple[Row, ...] = (
    row(
        "law.Task",
        "req req_params",
        _REWRITTEN,
        "`self.clone(OTHER)`, which hands on parameters of the same name",
    ),
    row(
        "law.Task",
        "exclude_params_req exclude_params_req_set exclude_params_req_get prefer_params_cli exclude_params_index "
        "exclude_params_repr exclude_index",
        _REWRITTEN,
        "`clone(OTHER, name=value)` for what is not to be handed on; `significant=False` or `visibility` for what is "
        "not to be shown",
    ),
    row(
        "law.Task",
        "publish_message publish_step publish_progress iter_progress create_progress_callback",
        _REWRITTEN,
        "`print()`, which is kept ([workers.md](workers.md)), `set_status_message()`, `set_progress_percentage()`",
    ),
    row(
        "law.Task",
        "localize_input localize_output",
        _REWRITTEN,
        "`self.input().localize()`, `self.output().localize(\"w\")` within run()",
    ),
    row(
        "law.Task",
        "law_run law_run_inst walk_deps interactive_params cache_requirements log_file",
        _NONE,
        "none: `--dry-run` and `--explain` tell of the tasks, `martlet logs` what they printed",
    ),
    row(
        "law.SandboxTask",
        "sandbox",
        _REWRITTEN,
        '`"bash::setup.sh"` is `"shell:setup.sh"`, `"venv::/path"` is `"venv:/path"`',
    ),
    row(
        "law.SandboxTask",
        "sandbox_env sandbox_stagein sandbox_stageout sandbox_before_run sandbox_after_run allow_empty_sandbox "
        "valid_sandboxes sandbox_user sandbox_volumes",
        _NONE,
        "none: a sandboxed task runs in its environment as it stands; `setup.sh` sets what it needs",
    ),
    row(
        "law.BaseWorkflow",
        "create_branch_map branch_map branch_data branch branches is_branch is_workflow as_branch as_workflow "
        "get_branch_tasks get_branch_chunks get_all_branch_chunks",
        _REWRITTEN,
        "`martlet.Workflow`, whose branch map and branches are asked for alike: docs/workflows.md",
    ),
    row(
        "law.BaseWorkflow",
        "workflow_requires workflow_input requires_from_branch local_workflow_require_branches",
        _REWRITTEN,
        "`workflow_requires()` and `workflow_input()` are there; what one branch needs is `requires()`, and what "
        "several need runs once",
    ),
    row("law.BaseWorkflow", "acceptance tolerance", _REWRITTEN, "the same ([workflows.md](workflows.md))"),
    row("law.BaseWorkflow", "pilot", _NONE, "none: a branch starts when what it needs is there"),
    row(
        "law.BaseWorkflow",
        "retries",
        _REWRITTEN,
        "`retry = martlet.Retry(…)` ([tasks.md](tasks.md))",
    ),
    row(
        "law.BaseWorkflow",
        "tasks_per_job parallel_jobs walltime poll_interval job_workers no_poll",
        _REWRITTEN,
        "flags of the run: `--tasks-per-job`, `--parallel-jobs`, `--poll-interval`, `--no-wait`, `--job walltime=2h`, "
        "`--job cores=8` ([batch.md](batch.md))",
    ),
)
"""What tasks of law have, and those of Martlet have otherwise."""

SCHEMES: tuple[tuple[str, str], ...] = (
    ("bash", 'sandbox = "shell:…"'),
    ("venv", 'sandbox = "venv:…"'),
    ("docker", ""),
    ("singularity", ""),
    ("cmssw", ""),
)
"""What stands before `::` in a sandbox of law, and how Martlet writes it; empty where it has none of the kind."""

IN_GENERAL: tuple[tuple[str, str], ...] = (
    (
        "`law index`, then `law run Selection --version v1`",
        "`martlet run reco.py Selection --version v1`: the script is the index",
    ),
    (
        "`class Selection(law.Task)` with a `version` parameter",
        "`class Selection(martlet.Task)` with the same parameter",
    ),
    ('`self.local_target("x.root")`', '`martlet.LocalTarget(f"{self.version}/x.root")`'),
    (
        '`self.remote_target("x.root")`, `law.wlcg.WLCGFileTarget(path, fs="wlcg_fs")`',
        '`martlet.store("eos") / f"{self.version}/x.root"` ([storage.md](storage.md))',
    ),
    ("`Target(optional=True)`", "`martlet.OptionalTarget(target)`"),
    ("`law.localize_file_targets(self.input())`", "`martlet.TargetCollection(self.input()).localize()`"),
    ("`law run … --print-status 2`", "the same flag; `martlet status`"),
    ("`law run … --remove-output`", "the same flag; `martlet remove`"),
    (
        "a workflow with `create_branch_map()`",
        "`martlet.Workflow` with `create_branch_map()`: docs/workflows.md",
    ),
    ("`law.cfg`", "martlet.toml ([configuration.md](configuration.md))"),
)
"""What is not a matter of one name."""
