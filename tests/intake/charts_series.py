"""Case series with the months to recurrence of those who had one and the follow-up of all, beside
who is dead (synthetic)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from charts_tongues import PFS
from cohort import CHARTS, MONTH, PEOPLE, Chart, Person, chart, months, save

States = tuple[str, str, str]
"""Without disease, with disease, dead."""


def came(p: Person) -> float | None:
    """Months to the recurrence; none where it did not come."""
    if p.progression is None or p.progression >= p.days:
        return None
    return round(p.progression / MONTH, 2)


def series(head: list[str], states: States, blank: str | None) -> Callable[[Path], Path]:
    """Patient, age, months to recurrence, months of follow-up, outcome."""

    def write(path: Path) -> Path:
        rows = []
        for p in PEOPLE:
            again = came(p)
            state = states[2] if p.dead else states[0] if again is None else states[1]
            rows.append([p.number, p.age, blank if again is None else again, months(p), state])
        return save(path, head, *rows)

    return write


_ALIVE = ("vivo", "vivo", "muerto")
CHARTS.extend(
    Chart(f"months_to_recurrence_{name}", series(head, states, blank),
          {} if blank is None else {"missing_words": "yes"}, responders=None, truths=PFS)
    for name, head, states, blank in (
        ("english", ["Patient", "Age", "Time to recurrence (months)", "Follow-up (months)",
         "Outcome"], ("NED", "AWD", "DOD"), None),
        ("short", ["Patient", "Age (y)", "Recurrence (mo)", "Follow-up (mo)", "Outcome"],
         ("NED", "AWD", "DOD"), "-"),
        ("relapse", ["Case", "Age", "Months to relapse", "Months of follow-up", "Status"],
         ("alive", "alive", "dead"), "none"),
        ("german", ["Pat.", "Alter", "Zeit bis Rezidiv (Monate)", "Nachbeobachtung (Monate)",
         "Status"], ("lebt", "lebt", "verstorben"), None),
        ("french", ["Patient", "Âge", "Délai de récidive (mois)", "Suivi (mois)", "Statut"],
         ("vivant", "vivant", "décédé"), None),
        ("spanish", ["Paciente", "Edad", "Tiempo hasta la recidiva (meses)",
         "Seguimiento (meses)", "Estado"], _ALIVE, None),
        ("chinese", ["编号", "年龄", "复发时间(月)", "随访时间(月)", "结局"],
         ("存活", "存活", "死亡"), None),
    )
)  # fmt: skip


@chart(answers={"os": "Cancer = event, Heart = event, blank = censored"}, responders=None)
def a_cause_of_death_alone_says_who_died(path: Path) -> Path:
    head = ["ID", "Age", "Sex", "Months followed", "Cause of death"]
    cause = {False: "Cancer", True: "Heart"}
    rows = [
        [p.number, p.age, p.sex, months(p), cause[p.number % 7 == 0] if p.dead else None]
        for p in PEOPLE
    ]
    return save(path, head, *rows)
