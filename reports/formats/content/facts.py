"""What was run against what, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.run import Run


def facts(run: Run) -> dict[str, str]:
    """Return what is known of the run by its name, without what is empty."""
    header, target = run.header, run.header.target
    answers = ", ".join(f"{name} {value}" for name, value in sorted(target.answers.items()))
    known = {
        "Address": target.url,
        "Region": target.region,
        "Accounts": target.strategy,
        "Identity" if target.url else "Recording": answers,
        "Capabilities": ", ".join(name for name, each in sorted(target.capabilities.items()) if each.present),
        "Options": " ".join([*target.options, *(["--strict"] if header.strict else [])]),
        "Suite": header.suite,
        "Contract": header.model,
        "Model": header.drift,
        "Started": header.started,
        "Replayed": header.replayed,
        "Runs of each scenario": str(header.repeat) if header.repeat > 1 else "",
    }
    return {name: value for name, value in known.items() if value}
