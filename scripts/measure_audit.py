"""Measure the audit on papers whose findings were read by eye.

    python scripts/measure_audit.py FOLDER [--labels tests/audit/labels.json]

    python scripts/measure_audit.py --rules

FOLDER holds papers as JATS XML, named by their id. The labels are one entry per finding: paper,
rule, the printed figures that it is about, the verdict (``true``, ``false alarm`` or
``debatable``), the round (0 are the development papers, later ones texts that were new to the
rules when the verdict was made) and whether the rules as they are now tell it aloud. With
``--rules`` the table of all verdicts by rule is printed from the labels alone, as the docs have
it. Else printed are, per rule, the loud findings, how many of them are true, and a 95 %
interval (Clopper-Pearson); then what was labelled true and isn't said, and what nobody has read.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from oncohort.audit import audit_report
from oncohort.audit.finding import Certainty

LABELS = Path(__file__).resolve().parents[1] / "tests" / "audit" / "labels.json"


@dataclass(frozen=True, slots=True)
class Told:
    """One finding, known by its paper, its rule and the figures that it is about."""

    paper: str
    rule: str
    figures: str

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Neighbouring figures, two by two: a count and its percentage."""
        words = self.figures.split()
        return frozenset(zip(words[::2], words[1::2], strict=False))

    def same_error(self, other: Told) -> bool:
        """Whether two findings tell one error: the same figures, or a pair of counts in common."""
        if self.paper != other.paper:
            return False
        if self.rule == other.rule and self.figures == other.figures:
            return True
        both = self.rule.startswith("counts.") and other.rule.startswith("counts.")
        return both and bool(self.pairs & other.pairs)


@dataclass(slots=True)
class Measured:
    """What the audit said, against what was read."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[Told] = field(default_factory=list)
    unread: list[Told] = field(default_factory=list)
    lost: list[Told] = field(default_factory=list)
    engaged: Counter[str] = field(default_factory=Counter)

    def precision(self, rule: str = "") -> tuple[int, int]:
        """True findings and all that were read, of a rule or of all."""
        hits = [(r, v, n) for (r, v), n in self.verdicts.items() if not rule or r == rule]
        return sum(n for _, v, n in hits if v == "true"), sum(n for _, _, n in hits)


def labels(path: Path = LABELS) -> dict[Told, str]:
    """Verdicts by finding."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {Told(e["paper"], e["rule"], e["figures"]): e["verdict"] for e in entries}


def verdict(told: Told, known: dict[Told, str]) -> str:
    """The verdict on a finding; empty if nobody has read it."""
    if told in known:
        return known[told]
    near = [v for other, v in known.items() if told.same_error(other)]
    return "true" if near and all(v == "true" for v in near) else ""


def measure(papers: Iterable[Path], known: dict[Told, str]) -> Measured:
    """Audit the papers and compare what is said aloud with the labels."""
    measured = Measured()
    loud: list[Told] = []
    read = set()
    for path in papers:
        read.add(path.stem)
        report = audit_report(path)
        for rule in {f.id for f in report.findings}:
            measured.engaged[rule] += 1
        loud += [
            Told(path.stem, f.id, " ".join(f.figures))
            for f in report.findings
            if f.certainty is not Certainty.UNUSUAL
        ]
    for told in loud:
        said = verdict(told, known)
        if not said:
            measured.unread.append(told)
            continue
        measured.verdicts[told.rule, said] += 1
        if said != "true":
            measured.wrong.append(told)
    measured.lost = [
        k for k, v in known.items()
        if v == "true" and k.paper in read and not any(k.same_error(t) for t in loud)
    ]  # fmt: skip
    return measured


def table(measured: Measured) -> str:
    """The measurement as the rows of a Markdown table."""
    from oncohort.stats.proportions import proportion

    lines = ["| rule | findings | true | precision, 95 % interval |", "|---|---|---|---|"]
    for rule in [*sorted({r for r, _ in measured.verdicts}), ""]:
        good, every = measured.precision(rule)
        if every:
            both = proportion(good, every)
            lines.append(
                f"| {f'`{rule}`' if rule else 'all'} | {every} | {good} | "
                f"{100 * good / every:.0f} % ({100 * both.low:.0f} to {100 * both.high:.0f}) |"
            )
    return "\n".join(lines)


def rules(path: Path = LABELS) -> str:
    """All verdicts by rule: at first sight on text new to the rules, and of what is told now."""
    from oncohort.stats.proportions import proportion

    entries = json.loads(path.read_text(encoding="utf-8"))
    lines = [
        "| rule | new text, at first sight | precision | all that is told now | lowest precision |",
        "|---|---|---|---|---|",
    ]
    for rule in [*sorted({e["rule"] for e in entries}), ""]:
        of = [e for e in entries if not rule or e["rule"] == rule]
        shown = []
        for told in ([e for e in of if e["round"]], [e for e in of if e["told"]]):
            good, every = sum(e["verdict"] == "true" for e in told), len(told)
            low = f"{100 * proportion(good, every).low:.0f} %" if every else "none"
            share = f"{100 * good / every:.0f} %" if every else ""
            shown.append((f"{good} of {every}", share, low))
        (first, share, _), (now, _, low) = shown
        name = f"`{rule}`" if rule else "all"
        lines.append(f"| {name} | {first} | {share} | {now} | {low} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rules", action="store_true", help="all verdicts by rule")
    parser.add_argument("--labels", type=Path, default=LABELS)
    chosen = parser.parse_args(arguments)
    if chosen.rules:
        print(rules(chosen.labels))
        return
    if chosen.folder is None:
        parser.error("a folder of papers, or --rules")
    measured = measure(sorted(chosen.folder.glob("*.nxml")), labels(chosen.labels))
    print(table(measured))
    for name, found in (
        ("not true", measured.wrong), ("lost", measured.lost), ("nobody has read", measured.unread)
    ):  # fmt: skip
        print(f"\n{name}: {len(found)}")
        for told in found:
            print(f"  {told.paper} {told.rule} {told.figures}")


if __name__ == "__main__":
    main()
