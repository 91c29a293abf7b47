"""Times until an event that a flag beside them asks for, in several languages; and the event of
overall survival beside dates (synthetic)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from charts_public import PROGRESSED, TTP, TTP_MEDIAN
from cohort import CHARTS, MONTH, PEOPLE, Chart, at, save

TRUE = {"events": float(PROGRESSED), "median": TTP_MEDIAN}


def until(head: tuple[str, str, str, str, str, str], yes: str, no: str) -> Callable[[Path], Path]:
    """Patient, age, survival, death, time until it, whether it came."""

    def write(path: Path) -> Path:
        rows = [
            [
                p.number,
                p.age,
                round(p.days / MONTH, 4),
                yes if p.dead else no,
                t / MONTH,
                no if p.progression is None else yes,
            ]
            for p, t in zip(PEOPLE, TTP, strict=True)
        ]
        return save(path, list(head), *rows)

    return write


_IN = {
    "portuguese": (
        (
            "Registro",
            "Idade",
            "Sobrevida global (meses)",
            "Óbito",
            "Tempo até progressão (meses)",
            "Progressão",
        ),
        ("sim", "não"),
    ),
    "french": (
        (
            "Patient",
            "Âge",
            "Survie globale (mois)",
            "Décès",
            "Délai jusqu'à progression (mois)",
            "Progression",
        ),
        ("oui", "non"),
    ),
    "spanish": (
        (
            "Paciente",
            "Edad",
            "Supervivencia global (meses)",
            "Muerte",
            "Tiempo hasta la progresión (meses)",
            "Progresión",
        ),
        ("sí", "no"),
    ),
    "italian": (
        (
            "Paziente",
            "Età",
            "Sopravvivenza (mesi)",
            "Decesso",
            "Tempo alla progressione (mesi)",
            "Progressione",
        ),
        ("sì", "no"),
    ),
    "dutch": (
        (
            "Patiënt",
            "Leeftijd",
            "Overleving (maanden)",
            "Overleden",
            "Tijd tot progressie (mnd)",
            "Progressie",
        ),
        ("ja", "nee"),
    ),
    "polish": (
        (
            "Pacjent",
            "Wiek",
            "Przeżycie (miesiące)",
            "Zgon",
            "Czas do progresji (mies.)",
            "Progresja",
        ),
        ("tak", "nie"),
    ),
}
for _language, (_head, _words) in _IN.items():
    CHARTS.append(
        Chart(
            f"time_until_progression_{_language}",
            until(_head, *_words),
            responders=None,
            truths={f"survival.ttp.{k}": v for k, v in TRUE.items()},
        )
    )
for _what in ("BCR", "Metastasis", "Dialysis"):
    CHARTS.append(
        Chart(
            f"time_until_{_what.lower()}_is_asked",
            until(("ID", "Age", "OS (mo)", "Died", f"Time to {_what} (mo)", _what), "yes", "no"),
            {"endpoint": "efs, yes"},
            responders=None,
            truths={f"survival.efs.{k}": v for k, v in TRUE.items()},
        )
    )


def flagged(event: str, last: str, *, censored: bool = False) -> Callable[[Path], Path]:
    """Dates of the start and of the end, and a flag of overall survival in figures."""

    def write(path: Path) -> Path:
        head = ["ID", "Sex", "Age", "Start of treatment", last, event]
        rows = [
            [p.number, p.sex, p.age, at(p.start), at(p.last), int(p.dead is not censored)]
            for p in PEOPLE
        ]
        return save(path, head, *rows)

    return write


_DEATHS = {"deaths": "yes", "vital_status": "1"}
for _name, _write, _answers in (
    ("os_event_beside_last_contact", flagged("OS event", "Last contact"), _DEATHS),
    ("event_of_os_beside_last_contact", flagged("Event (OS)", "Last contact"), _DEATHS),
    (
        "os_censored_beside_death_or_censor_date",
        flagged("OS censored? (1=yes)", "Death or censor date", censored=True),
        {"vital_status": "0"},
    ),
    (
        "censored_os_beside_death_or_censor_date",
        flagged("Censored (OS)", "Death/censor date", censored=True),
        {"vital_status": "0"},
    ),
):
    CHARTS.append(Chart(_name, _write, _answers, responders=None))
