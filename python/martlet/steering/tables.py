"""The tables of flags, settings and stores in the documentation, made from their declarations."""

from __future__ import annotations

from . import flags, settings, store_options


def settings_table() -> str:
    """A Markdown table of the configuration keys."""
    rows = ["| key | type | default | variable | flag | meaning |", "|---|---|---|---|---|---|"]
    for key in settings.KEYS:
        default = "-" if key.default is None or key.default == {} else f"`{str(key.default).lower()}`"
        if key.kind.choices and key.default != {}:
            default = f"`{key.default}`"
        variable = f"`{key.environment}`" if key.environment else "-"
        flag = f"`{key.flag} {key.metavar}`".replace(" `", "`")
        rows.append(f"| `{key.name}` | {key.kind.expected} | {default} | {variable} | {flag} | {key.help} |")
    return "\n".join(rows)


def flags_table() -> str:
    """A Markdown table of the flags of a run."""
    rows = ["| flag | meaning |", "|---|---|"]
    for flag in flags.ALL:
        if not flag.luigi:
            names = ", ".join(f"`{name}{' ' + flag.metavar if flag.metavar else ''}`" for name in flag.names)
            rows.append(f"| {names} | {flag.help}{' (repeatable)' if flag.repeatable else ''} |")
    accepted = ", ".join(f"`{name}`" for flag in flags.ALL if flag.luigi for name in flag.names)
    rows.append(f"| {accepted} | Accepted for luigi, without effect: the engine runs in this process |")
    return "\n".join(rows)


def stores_table() -> str:
    """A Markdown table of what can be said of a store."""
    rows = ["| key | value | meaning |", "|---|---|---|"]
    rows += [f"| `{option.name}` | {option.expected} | {option.help} |" for option in store_options.OPTIONS]
    return "\n".join(rows)
