"""Sheets with titles over groups of columns and a status in phrases, by language (synthetic).

A title that says nothing of its own leaves the names below it as they are; the status says why a
patient died or how one lives; a dash stands where a progression did not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from charts_public import PFS_EVENTS, PFS_MEDIAN
from cohort import MONTH, PEOPLE, Person, at, chart, save
from openpyxl import load_workbook

MALE = float(sum(p.sex == "male" for p in PEOPLE))


@dataclass(frozen=True)
class Words:
    """How one language writes the sheet."""

    titles: tuple[str, str, str]
    names: tuple[str, ...]
    """Number, age, sex | start, response | progression yes or no, its day, status, last contact."""
    sexes: tuple[str, str]
    responses: dict[str, str]
    yes: tuple[str, str]
    dead: tuple[str, str]
    alive: tuple[str, str]


def written(path: Path, words: Words, none: str | None = "-") -> Path:
    first, second, third = words.titles
    titles = [first, None, None, second, None, third, None, None, None]

    def row(p: Person) -> list[object]:
        status = words.dead[p.number % 2] if p.dead else words.alive[p.number % 2]
        return [
            p.number, p.age, words.sexes[0 if p.sex == "male" else 1], at(p.start),
            words.responses[p.response], words.yes[0 if p.progression else 1],
            at(p.progressed) if p.progression else none, status, at(p.last),
        ]  # fmt: skip

    file = save(path, titles, list(words.names), *[row(p) for p in PEOPLE])
    book = load_workbook(file)
    for span in ("A1:C1", "D1:E1", "F1:I1"):
        book.active.merge_cells(span)
    book.save(file)
    return file


TRUTH = {
    "baseline.sex.count[level=male]": MALE,
    "survival.pfs.median": PFS_MEDIAN,
    "survival.pfs.events": float(PFS_EVENTS),
}
ANSWERS = {"deaths": "yes", "pfs": "yes", "missing_words": ""}


@chart(answers=ANSWERS, truths=TRUTH)
def spanish_titles(path: Path) -> Path:
    return written(
        path,
        Words(
            ("Datos basales", "Tratamiento", "Seguimiento"),
            ("Nº", "Edad", "Sexo", "Fecha inicio QT", "Respuesta (RC/RP/EE/PE)",
             "Recaída/progresión (Sí/No)", "Fecha recaída", "Estado último control",
             "Fecha último control"),
            ("V", "M"),
            {"CR": "RC", "PR": "RP", "SD": "EE", "PD": "PE"},
            ("Sí", "No"),
            ("Exitus por linfoma", "Exitus otra causa"),
            ("Vivo con enfermedad", "Vivo sin enfermedad"),
        ),
    )  # fmt: skip


@chart(answers=ANSWERS, truths=TRUTH)
def german_titles(path: Path) -> Path:
    return written(
        path,
        Words(
            ("Stammdaten", "Therapie", "Verlauf"),
            ("Pat.-Nr.", "Alter", "Geschlecht", "Therapiebeginn", "Bestes Ansprechen",
             "Progress (j/n)", "Datum Progress", "Status", "Letzter Kontakt"),
            ("m", "w"),
            {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD"},
            ("ja", "nein"),
            ("verstorben am Tumor", "verstorben, andere Ursache"),
            ("lebt mit Tumor", "lebt ohne Tumor"),
        ),
    )  # fmt: skip


@chart(answers=ANSWERS, truths=TRUTH)
def french_titles(path: Path) -> Path:
    return written(
        path,
        Words(
            ("Données initiales", "Traitement", "Suivi"),
            ("Numéro", "Âge", "Sexe", "Début du traitement", "Meilleure réponse",
             "Progression (O/N)", "Date de progression", "Statut vital", "Dernières nouvelles"),
            ("H", "F"),
            {"CR": "RC", "PR": "RP", "SD": "Stable", "PD": "Progression"},
            ("O", "N"),
            ("Décédé de la maladie", "Décédé d'une autre cause"),
            ("Vivant sans maladie", "Vivant en progression"),
        ),
    )  # fmt: skip


@chart(answers=ANSWERS, truths=TRUTH)
def italian_titles(path: Path) -> Path:
    return written(
        path,
        Words(
            ("Dati basali", "Trattamento", "Follow up"),
            ("N.", "Età", "Sesso", "Inizio terapia", "Migliore risposta",
             "Progressione (sì/no)", "Data progressione", "Stato", "Ultimo contatto"),
            ("M", "F"),
            {"CR": "RC", "PR": "RP", "SD": "SD", "PD": "PD"},
            ("sì", "no"),
            ("Deceduto per malattia", "Deceduto per altra causa"),
            ("Vivo con malattia", "Vivo senza malattia"),
        ),
    )  # fmt: skip


@chart(answers=ANSWERS, truths=TRUTH)
def portuguese_titles(path: Path) -> Path:
    return written(
        path,
        Words(
            ("Dados clínicos", "Tratamento", "Seguimento"),
            ("Nº", "Idade", "Sexo", "Início do tratamento", "Melhor resposta",
             "Progressão (sim/não)", "Data da progressão", "Situação", "Último contato"),
            ("M", "F"),
            {"CR": "RC", "PR": "RP", "SD": "DE", "PD": "PD"},
            ("sim", "não"),
            ("Óbito pela doença", "Óbito por outra causa"),
            ("Vivo com doença", "Vivo sem doença"),
        ),
    )  # fmt: skip


@chart(answers=ANSWERS, truths=TRUTH)
def english_titles(path: Path) -> Path:
    return written(
        path,
        Words(
            ("Baseline characteristics", "Treatment", "Follow-up"),
            ("No.", "Age", "Sex", "Start", "Best response", "Progression (Y/N)",
             "Progression date", "Status", "Last seen"),
            ("M", "F"),
            {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD"},
            ("Y", "N"),
            ("Died of sepsis", "Dead (tumour)"),
            ("Alive on second line", "Alive, well"),
        ),
    )  # fmt: skip


@chart(answers=ANSWERS, truths=TRUTH)
def japanese_titles(path: Path) -> Path:
    return written(
        path,
        Words(
            ("患者背景", "治療", "経過"),
            ("症例番号", "年齢", "性別", "治療開始日", "最良効果", "増悪の有無", "増悪日", "転帰",
             "最終確認日"),
            ("男", "女"),
            {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD"},
            ("有", "無"),
            ("癌死", "他病死"),
            ("担癌生存", "無病生存"),
        ),
    )  # fmt: skip


@chart(
    answers={"deaths": "Date DDN", "pfs": "yes", "missing_words": ""},
    responders=None,
    truths={"survival.pfs.events": float(PFS_EVENTS), "survival.pfs.median": PFS_MEDIAN},
    absent=("is_imdc",),
)
def french_status_and_its_day(path: Path) -> Path:
    """The day of the status has a name that is not known; a group of risk is that of leukaemia."""
    head = ["N° patient", "Sexe", "Cytogénétique ELN", "FLT3-ITD", "Date induction", "Rechute",
            "Date rechute", "Statut", "Date DDN"]  # fmt: skip
    rows = [
        [f"LAM{p.number:03d}", "M" if p.sex == "male" else "F",
         ("Favorable", "Intermédiaire", "Défavorable")[p.number % 3],
         ("oui", "non", "NR")[p.number % 3], at(p.start), "oui" if p.progression else "non",
         at(p.progressed), "DCD" if p.dead else "VIVANT", at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, head, *rows)


@chart(
    answers={"treatment_end_reason": "pt choice = choice"},
    truths={"survival.pfs.events": float(PFS_EVENTS)},
)
def english_off_treatment(path: Path) -> Path:
    """`ongoing` among the days off treatment; one code in a header tells the other."""
    head = ["MRN (last 4)", "Gender", "Age @ Dx", "C1D1", "Off tx", "Reason off", "BOR", "PFS mo",
            "Progressed or died? (1=Y)", "OS mo", "Deceased (1=Y,0=N)", "Last f/u"]  # fmt: skip
    reasons = ("PD", "tox", "pt choice", "death")

    def row(p: Person) -> list[object]:
        going = not p.dead and p.progression is None
        end = "ongoing" if going else at(p.progressed or p.last)
        free = p.progression or p.days
        return [
            2000 + p.number, p.sex[0].upper(), p.age, at(p.start), end,
            None if going else reasons[p.number % 4], p.response, round(free / MONTH, 6),
            int(bool(p.progression) or p.dead), round(p.days / MONTH, 6), int(p.dead), at(p.last),
        ]  # fmt: skip

    return save(path, head, *[row(p) for p in PEOPLE])
