"""Numbers as spans: where tables and sentences look results up.

Everything that is asked for comes back as text that is bound to the id of its result; nothing is
computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from oncohort.analyses.result import Estimate, Numbers, key_of
from oncohort.dataclass import dataclass
from oncohort.displays.citations import Citations
from oncohort.displays.context import Context
from oncohort.displays.spans import Span, Spans, say, spans
from oncohort.displays.words import human, low_first, name_in_text, patients, up_first
from oncohort.endpoints.cohort import VariableInfo
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import DASH, NBSP, Style

ENDPOINT_WORDS = {
    "pfs": "progression-free survival",
    "os": "overall survival",
    "ttp": "time to progression",
    "ttf": "time to treatment failure",
    "dfs": "disease-free survival",
    "rfs": "recurrence-free survival",
    "efs": "event-free survival",
    "mfs": "metastasis-free survival",
    "dmfs": "distant metastasis-free survival",
    "ffs": "failure-free survival",
    "css": "cancer-specific survival",
    "dss": "disease-specific survival",
    "ttr": "time to recurrence",
    "pfi": "progression-free interval",
    "dfi": "disease-free interval",
}


PARTS = {
    "baseline": "patient characteristics",
    "exposure": "treatment",
    "contrasts": "restricted means, differences and trends",
    "incidence": "competing events",
    "time_dependent": "survival",
    "sensitivity": "sensitivity analyses",
    "e_value": "E-values",
    "prediction": "the prediction",
    "prognosis": "prognostic factors",
    "arms": "the comparison of arms",
    "missing": "missing values",
    "propensity": "comparability of treatments",
    "safety": "adverse events",
    "labs": "laboratory values",
    "outcomes": "binary outcomes",
    "logistic": "logistic regression",
    "historical": "earlier studies",
    "flow": "the flow of patients",
}
"""Sections as a reader says them, where the key does not."""
SUBJECTS = {
    "swimmer": "the course of each patient",
    "waterfall": "the change of the target lesions",
    "spider": "the change of the target lesions over time",
    "discrepancies": "the comparison with charted responses",
    "orr": "the response rate",
    "dcr": "the rate of disease control",
    "best": "best response",
    "duration": "duration of response",
    "onset": "time to response",
    "change": "the change of the target lesions",
    "reduced": "shrinkage of the target lesions",
    "stop": "reasons for stopping treatment",
    "ongoing": "ongoing treatment",
    "time_on_treatment": "time on treatment",
    "follow_up": "length of follow-up",
}
"""Parts of a section that can be blocked by themselves."""
SAYS_LITTLE = frozenset({"yes", "no", "present", "absent", "positive", "negative", "high", "low"})
"""Labels of groups that need the variable's name beside them."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Numbers, protocol, context and style in one hand."""

    numbers: Numbers
    protocol: Protocol
    context: Context
    style: Style
    citations: Citations = field(default_factory=Citations)
    displays: Mapping[str, Span] = field(default_factory=dict)
    """Numbered tables and figures by name, ``table.baseline``, for the author's words."""

    # -- what there is ------------------------------------------------------------------

    def get(self, path: str, /, **keys: object) -> Estimate | None:
        """The estimate, or None where the paper has no such number."""
        return self.numbers.get(key_of(path, **keys).id)

    def has(self, path: str, /, **keys: object) -> bool:
        """Is there such a number (of whatever state)?"""
        return self.get(path, **keys) is not None

    def number(self, path: str, /, **keys: object) -> float | None:
        """The bare value, to decide between singular and plural or to order; never to print."""
        estimate = self.get(path, **keys)
        return None if estimate is None else estimate.value

    def values(self, path: tuple[str, ...], level: str) -> list[str]:
        """Values of one level among the numbers of a path, in the order they were made."""
        found = (e.key.get(level) for e in self.numbers.of(*path))
        return list(dict.fromkeys(v for v in found if v is not None))

    # -- how it reads -------------------------------------------------------------------

    def show(self, path: str, digits: int | None = None, /, **keys: object) -> Span:
        """The number without its unit; an en dash where there is none."""
        estimate = self.get(path, **keys)
        if estimate is None:
            return Span(DASH)
        return Span(self.style.value(estimate, digits), estimate.id)

    def interval(self, path: str, digits: int | None = None, /, **keys: object) -> Spans:
        """The interval alone, bound to the estimate; empty where there is none."""
        estimate = self.get(path, **keys)
        if estimate is None:
            return ()
        words = self.style.ci(estimate, digits)
        return (Span(words, estimate.id),) if words else ()

    def with_ci(self, path: str, /, **keys: object) -> Spans:
        """ "10.6 months (95% CI 7.9–13.5)"."""
        estimate = self.get(path, **keys)
        if estimate is None:
            return (Span(DASH),)
        value = Span(self.style.with_unit(estimate), estimate.id)
        ci = self.level_ci(path, **keys)
        return say("{v} ({ci})", v=value, ci=ci) if ci else (value,)

    def level_ci(self, path: str, frame: str = "{c}", /, **keys: object) -> Spans:
        """ "95% CI 7.9–13.5", within a frame such as `" ({c})"`; empty where there is none."""
        estimate = self.get(path, **keys)
        ci = self.interval(path, **keys)
        if estimate is None or not ci:
            return ()
        return say(frame, c=say("{l} CI {c}", l=self.style.level(estimate.level), c=ci))

    def bound(self, estimate: Estimate, digits: int | None = None) -> Span:
        """The number of an estimate, bound to it."""
        return Span(self.style.value(estimate, digits), estimate.id)

    def value_ci(self, path: str, digits: int | None = None, /, **keys: object) -> Spans:
        """ "10.6 (7.9–13.5)": for the cell of a table; an en dash where there is no such number."""
        estimate = self.get(path, **keys)
        if estimate is None:
            return (Span(DASH),)
        ci = self.style.ci(estimate, digits)
        if not ci:
            return (self.bound(estimate, digits),)
        return say("{v} ({c})", v=self.bound(estimate, digits), c=Span(ci, estimate.id))

    def median_sentence(self, path: str, what: str, **keys: object) -> Spans:
        """ "The median PFS was 10.6 months (95% CI ...)", or that it was not reached."""
        estimate = self.get(path, **keys)
        if estimate is None:
            return ()
        if estimate.state == "not_estimable":
            return say("The median {w} could not be estimated.", w=what)
        if estimate.state == "ok":
            m = self.with_ci(path, **keys)
            return say("The median {w} was {m}.", w=what, m=m)
        if estimate.low is None:
            return say("The median {w} was not reached.", w=what)
        return say(
            "The median {w} was not reached (lower end of the {l} CI {c}\u00a0{u}).",
            w=what,
            l=self.style.level(estimate.level),
            c=Span(self.style.one(estimate.low, estimate.kind), estimate.id),
            u=self.unit,
        )

    def count_percent(self, path: str, /, **keys: object) -> Spans:
        """ "14 (33.3)" from `path.count` and `path.percent`."""
        count = self.show(f"{path}.count", **keys)
        if self.number(f"{path}.percent", **keys) is None:
            return (count,)
        return say("{n} ({p})", n=count, p=self.show(f"{path}.percent", **keys))

    def count_percent_words(self, path: str, /, **keys: object) -> Spans:
        """ "14 (33.3%)": for sentences."""
        count = self.show(f"{path}.count", **keys)
        share = self.get(f"{path}.percent", **keys)
        if share is None or share.value is None:
            return (count,)
        return say("{n} ({p})", n=count, p=Span(self.style.with_unit(share), share.id))

    def patients_words(self, path: str, /, **keys: object) -> Spans:
        """ "27 patients (64.3%)"; "no patient"."""
        count = self.get(f"{path}.count", **keys)
        if count is None:
            return (Span(DASH),)
        if count.value == 0:
            return (Span("no patient", count.id),)
        number = Span(f"{self.style.value(count)}{NBSP}{patients(count.value)}", count.id)
        share = self.get(f"{path}.percent", **keys)
        if share is None or share.value is None:
            return (number,)
        return say("{n} ({p})", n=number, p=Span(self.style.with_unit(share), share.id))

    def all_patients(self, path: str, /, **keys: object) -> Spans:
        """ "All 42 patients"; "Both patients"; "The patient"; for the start of a sentence."""
        count = self.get(path, **keys)
        n = None if count is None else count.value
        if count is not None and n in (1, 2):
            return (Span("The patient" if n == 1 else "Both patients", count.id),)
        return say("All {n} {p}", n=self.show(path, **keys), p=patients(n))

    def whole(self) -> Span:
        """Number of patients in the cohort, bound to the flow where there is one."""
        if self.has("flow.included.count"):
            return self.show("flow.included.count")
        return Span(str(self.context.n))

    def size(self, path: str, /, **keys: object) -> Span:
        """The n of an estimate."""
        estimate = self.get(path, **keys)
        if estimate is None or estimate.n is None:
            return Span(DASH)
        return Span(str(estimate.n), estimate.id)

    def p_phrase(self, path: str, /, **keys: object) -> Spans:
        """ "p = 0.012"; in words where it can't be had."""
        estimate = self.get(path, **keys)
        if estimate is None:
            return ()
        if estimate.value is None:
            return spans(Span(f"{self.style.p_symbol} not estimable", estimate.id))
        return (Span(self.style.p_phrase(estimate.value), estimate.id),)

    def median_range(self, path: str, digits: int | None = None, /, **keys: object) -> Spans:
        """ "62 (41–83)" from median, minimum and maximum, or quartiles, whichever there are."""
        ends = ("minimum", "maximum") if self.has(f"{path}.minimum", **keys) else ("q1", "q3")
        if self.has(f"{path}.mean", **keys):
            return say(
                "{m} ({s})",
                m=self.show(f"{path}.mean", digits, **keys),
                s=self.show(f"{path}.sd", digits, **keys),
            )
        middle = self.show(f"{path}.median", digits, **keys)
        if self.number(f"{path}.{ends[0]}", **keys) is None:
            return (middle,)
        low, high = (self.show(f"{path}.{e}", digits, **keys) for e in ends)
        joint = " to " if low.text.startswith("\u2212") else "\u2013"
        return say("{m} ({a}{j}{b})", m=middle, a=low, j=joint, b=high)

    def median_words(self, path: str, /, unit: str = "", digits: int | None = None) -> Spans:
        """ "62 years (range 41–83)"; "(interquartile range ...)", "(SD ...)"."""
        sign = unit if unit in ("", "%") else NBSP + unit
        if self.has(f"{path}.mean"):
            value, spread = self.show(f"{path}.mean", digits), self.show(f"{path}.sd", digits)
            return say("{m}{u} (SD {s})", m=value, u=sign, s=spread)
        ends = ("minimum", "maximum") if self.has(f"{path}.minimum") else ("q1", "q3")
        word = "range" if ends[0] == "minimum" else "interquartile range"
        value = self.show(f"{path}.median", digits)
        if self.number(f"{path}.{ends[0]}") is None:
            return say("{m}{u}", m=value, u=sign)
        low, high = (self.show(f"{path}.{e}", digits) for e in ends)
        if low.text == high.text == value.text:
            return say("{m}{u}", m=value, u=sign)
        joint = " to " if low.text.startswith("\u2212") else "\u2013"
        return say("{m}{u} ({w} {a}{j}{b})", m=value, u=sign, w=word, a=low, j=joint, b=high)

    # -- names --------------------------------------------------------------------------

    @property
    def unit(self) -> str:
        """The study's unit of time."""
        return self.protocol.study.time_unit

    def variable(self, key: str) -> str:
        """A variable's label with its unit where it is a number."""
        info = self.context.variables.get(key)
        if info is not None:
            return info.label
        declared = self.protocol.variables.get(key)
        return (declared.label if declared else None) or up_first(human(key))

    def variable_unit(self, key: str) -> str:
        """A variable's label with its unit, where the labels of its levels don't say it."""
        info = self.context.variables.get(key)
        label = self.variable(key)
        if info is None or not info.unit or any(info.unit in v for v in info.levels.values()):
            return label
        return f"{label}, {info.unit}"

    def levels(self, key: str) -> Mapping[str, str]:
        """Level key to label of a variable, in order."""
        info = self.context.variables.get(key)
        if info is not None:
            return info.levels
        declared = self.protocol.variables.get(key)
        return dict(declared.levels) if declared else {}

    def level(self, variable: str, key: str) -> str:
        """A level's label."""
        return self.levels(variable).get(key, up_first(human(key)))

    def group(self, variable: str, level: str) -> str:
        """A group as a sentence names it: "new drug", "stage II", "age ≥ 65 years".

        A label that says nothing by itself ("yes", "II", "≥ 65") has the variable's name beside it.
        """
        label = name_in_text(self.level(variable, level))
        name = name_in_text(self.variable(variable))
        if label[:1] in "<>\u2264\u2265":
            unit = self.unit_of(variable)
            return f"{name} {label}{NBSP + unit if unit and unit not in label else ''}"
        if label.lower() in SAYS_LITTLE or label.replace(".", "").isdigit():
            return f"{name}: {label}"
        return f"{name} {label}" if len(label) <= 3 and label.isascii() else label

    def unit_of(self, variable: str) -> str:
        """Unit of a variable; empty where it has none."""
        info = self.context.variables.get(variable)
        return info.unit if info is not None else ""

    def info(self, key: str) -> VariableInfo | None:
        """What the cohort knows of a variable."""
        return self.context.variables.get(key)

    def endpoint(self, key: str) -> str:
        """An endpoint's label, with a capital: "Progression-free survival"."""
        info = self.context.endpoints.get(key)
        declared = self.protocol.endpoints.get(key)
        label = (declared.label if declared else None) or (info.label if info else "")
        if not label or label.lower() == key:
            label = ENDPOINT_WORDS.get(key, human(key) if len(key) > 4 else key.upper())
        return up_first(label)

    def short(self, key: str) -> str:
        """An endpoint's abbreviation: PFS."""
        return key.upper() if len(key) <= 4 else self.endpoint(key)

    def endpoints(self) -> list[str]:
        """Endpoints that have survival numbers, in the protocol's order."""
        return [k for k in self.protocol.endpoints if self.has(f"survival.{k}.n")]

    def part_words(self, path: tuple[str, ...]) -> str:
        """A part of the paper as a reader says it: "progression-free survival"."""
        section, *subject = path
        words = PARTS.get(section, human(section))
        by = f" by {name_in_text(self.variable(subject[-1]))}" if "by" in subject else ""
        if not subject or subject[0] == "by":
            return words + by
        first = subject[0]
        if section == "cutpoints":
            return f"the cut-point of {name_in_text(self.variable(first))}"
        if section == "time_dependent":
            rule = self.protocol.time_dependent.get(first)
            return f"{words} by {name_in_text((rule.label if rule else None) or human(first))}"
        if section in ("outcomes", "logistic"):
            outcome = self.protocol.outcomes.get(first)
            named = low_first((outcome.label if outcome else None) or human(first))
            return (named if section == "outcomes" else f"{words} of {named}") + by
        if first in self.protocol.endpoints:
            name = low_first(self.endpoint(first))
            return (name if section == "survival" else f"{words} of {name}") + by
        return SUBJECTS.get(first, f"{words} ({human(first)})") + by
