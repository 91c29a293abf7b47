"""Measure the audit on papers whose findings were read by eye.

    python scripts/measure_audit.py FOLDER [--labels tests/audit/labels.json]

    python scripts/measure_audit.py --rules
    python scripts/measure_audit.py --write

FOLDER holds papers as JATS XML, named by their id. The labels are one entry per finding: paper,
rule, the printed figures that it is about, the verdict (``true``, ``false alarm`` or
``debatable``), the round (0 are the development papers, later ones texts that were new to the
rules when the verdict was made) and whether its rule as it is now tells it. With ``--rules`` the
table of all verdicts by rule is printed from the labels alone, as the docs have it; with
``--write`` they go into the package, where they decide what is told aloud. Else printed are, per
rule, the findings that the rule tells, how many of them are true, a 95 % interval
(Clopper-Pearson) and whether the rule is told aloud; then what was labelled true and isn't said,
and what nobody has read.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from oncohort.audit import audit_report
from oncohort.audit import judged as judgements
from oncohort.audit.finding import Certainty

LABELS = Path(__file__).resolve().parents[1] / "tests" / "audit" / "labels.json"
SYNTHETIC = LABELS.with_name("synthetic.json")
JUDGED = Path(__file__).resolve().parents[1] / "src" / "oncohort" / "audit" / "judged.toml"


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
            if (f.proof or f.certainty) is not Certainty.UNUSUAL
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

    lines = [
        "| rule | findings | true | precision, 95 % interval | aloud |",
        "|---|---|---|---|---|",
    ]
    for rule in [*sorted({r for r, _ in measured.verdicts}), ""]:
        good, every = measured.precision(rule)
        if every:
            both = proportion(good, every)
            aloud = "yes" if rule and judgements.table()[rule].aloud else "" if not rule else "no"
            lines.append(
                f"| {f'`{rule}`' if rule else 'all'} | {every} | {good} | "
                f"{100 * good / every:.0f} % ({100 * both.low:.0f} to {100 * both.high:.0f}) | "
                f"{aloud} |"
            )
    return "\n".join(lines)


def counted(path: Path = LABELS) -> dict[str, dict[str, tuple[int, int]]]:
    """By rule: true and other findings that it tells now, that were new, and synthetic ones."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    out: dict[str, dict[str, tuple[int, int]]] = {}
    for rule in sorted({e["rule"] for e in entries}):
        of = [e for e in entries if e["rule"] == rule]
        for key, some in (
            ("told", [e for e in of if e["told"]]), ("first", [e for e in of if e["round"]])
        ):  # fmt: skip
            good = sum(e["verdict"] == "true" for e in some)
            if some:
                out.setdefault(rule, {})[key] = (good, len(some) - good)
    for rule, (good, wrong) in json.loads(SYNTHETIC.read_text(encoding="utf-8")).items():
        out.setdefault(rule, {})["synthetic"] = (good, wrong)
    return dict(sorted(out.items()))


def written(path: Path = LABELS) -> str:
    """The table of the package with the verdicts of the labels."""
    head, mark, _ = JUDGED.read_text(encoding="utf-8").partition("[rules]\n")
    lines = []
    for rule, counts in counted(path).items():
        pairs = ", ".join(f"{key} = [{good}, {wrong}]" for key, (good, wrong) in counts.items())
        lines.append(f'"{rule}" = {{ {pairs} }}\n')
    return head + mark + "".join(lines)


def rules(path: Path = LABELS) -> str:
    """All verdicts by rule: of new text, of what the rules tell now, and of their families."""
    lines = [
        "| rule | new text, at first sight | told now | at least | family, told now | at least | "
        "synthetic | aloud |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rule, one in judgements.read(written(path)).items():
        cells = [
            *(_of(c) for c in (one.first, one.told)),
            _least(one.told),
            f"{one.family}: {_of(one.kin)}",
            _least(one.kin),
            _of(one.synthetic),
            "yes" if one.aloud else "no",
        ]
        lines.append(f"| `{rule}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _of(counts: judgements.Counts) -> str:
    return f"{counts.true} of {counts.every}" if counts.every else ""


def _least(counts: judgements.Counts) -> str:
    return f"{100 * counts.low:.1f} %" if counts.every else ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rules", action="store_true", help="all verdicts by rule")
    parser.add_argument("--write", action="store_true", help="write them into the package")
    parser.add_argument("--labels", type=Path, default=LABELS)
    chosen = parser.parse_args(arguments)
    if chosen.write:
        JUDGED.write_text(written(chosen.labels), encoding="utf-8")
        return
    if chosen.rules:
        print(rules(chosen.labels))
        return
    if chosen.folder is None:
        parser.error("a folder of papers, --rules or --write")
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
