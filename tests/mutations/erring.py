"""One small study for every error of the catalogue: the clean study with one thing done to it.

Each function takes the clean tables and protocol, does the thing, and gives the protocol back.
"""

from __future__ import annotations

from collections.abc import Callable

from clean_study import Tables

Erring = Callable[[Tables, str], str]

BASELINE = 'variables = ["age", "sex", "ecog", "kps", "crp"]'
ARMS = 'by = ["arm"]\n[endpoints.rfs]'


def cell(table: str, column: str, value: str, row: int = 3) -> Erring:
    """One cell gets another value."""

    def do(tables: Tables, text: str) -> str:
        tables[table][row][column] = value
        return text

    return do


def column(table: str, name: str, *values: str) -> Erring:
    """A column whose values are these, over and over."""

    def do(tables: Tables, text: str) -> str:
        for i, row in enumerate(tables[table]):
            row[name] = values[i % len(values)]
        return text

    return do


def without(table: str, *names: str) -> Erring:
    """A table without these columns; without any name, the study without the table."""

    def do(tables: Tables, text: str) -> str:
        if not names:
            del tables[table]
        else:
            tables[table] = [
                {k: v for k, v in row.items() if k not in names} for row in tables[table]
            ]
        return text

    return do


def say(more: str, old: str = "", new: str = "") -> Erring:
    """The protocol with more at its end, and one text in it exchanged."""

    def do(tables: Tables, text: str) -> str:
        assert old in text
        return text.replace(old, new, 1) + more

    return do


def both(*each: Erring) -> Erring:
    def do(tables: Tables, text: str) -> str:
        for one in each:
            text = one(tables, text)
        return text

    return do


def variable(lines: str, name: str = "x") -> Erring:
    """A variable that Table I shows."""
    return say(f"\n[variables.{name}]\n{lines}\n", BASELINE, BASELINE[:-1] + f', "{name}"]')


def renamed(old: str, new: str) -> Erring:
    """A patient under another id."""

    def do(tables: Tables, text: str) -> str:
        for rows in tables.values():
            for row in rows:
                row["patient"] = new if row["patient"] == old else row["patient"]
        return text

    return do


def every(table: str, name: str, value: str) -> Erring:
    return column(table, name, value)


def _charted(more: str = "") -> Erring:
    return say("", 'source = "lesions"', f'source = "charted"\n{more}')


def _readers(tables: Tables, text: str) -> str:
    tables["lesions"] = [
        {**row, "reader": reader} for row in tables["lesions"] for reader in ("A", "B")
    ]
    return text


def _fatal(tables: Tables, text: str) -> str:
    living = next(r["patient"] for r in tables["patients"] if r["vital_status"] == "alive")
    next(r for r in tables["adverse_events"] if r["patient"] == living)["grade"] = "5"
    return text


def _inverted(tables: Tables, text: str) -> str:
    for row in tables["patients"]:
        row["rfs_event"] = "0" if row["vital_status"] == "dead" else "1"
    return text


def _tumours(tables: Tables, text: str) -> str:
    for row in tables["patients"]:
        row["x"] = "ovary" if row["sex"] == "male" else "prostate"
    return variable('column = "x"')(tables, text)


def _flags(tables: Tables, text: str) -> str:
    for row in tables["patients"]:
        row["rfs_event"] = "0" if row["best_response"] == "PD" else "1"
    return text


def _open_question(tables: Tables, text: str) -> str:
    return text + ("\n# QUESTION 1 sex (waiting for it: variables.sex):\n#   Which is which?\n")


def _apart(tables: Tables, text: str) -> str:
    for i, row in enumerate(tables["patients"]):
        row["first"], row["second"] = str(3 + i), str(9 + i)
        row["first_event"] = row["second_event"] = "0" if i % 2 else "1"
    return text + (
        "\n[endpoints.efs]\n"
        '[endpoints.efs.parts.a]\ntime = "first"\nevent = "first_event"\nevent_value = 1\n'
        '[endpoints.efs.parts.b]\ntime = "second"\nevent = "second_event"\nevent_value = 1\n'
    )


def _words(tables: Tables, text: str) -> str:
    del tables["adverse_events"]
    for row in tables["patients"]:
        row["toxicity"] = "Diarrhea G2"
    tables["patients"][3]["toxicity"] = "rash G2-3"
    return text + (
        '\n[tables.adverse_events]\nfile = "patients.csv"\nshape = "words"\n'
        'columns = { term = "toxicity" }\n'
    )


STUDIES: dict[str, Erring] = {
    "columns.missing": say('\n[tables.labs]\ncolumns = { value = "Result" }\n'),
    "columns.no-patient": without("labs", "patient"),
    "columns.no-repeat": say(
        '\n[tables.labs]\nfile = "patients.csv"\nshape = "wide"\nrepeat = { value = "crp{n}" }\n'
    ),
    "columns.no-words": say(
        '\n[tables.adverse_events]\nfile = "patients.csv"\nshape = "words"\n'
        'columns = { term = "toxicity" }\n'
    ),
    "columns.unknown": say('\n[tables.patients]\nmissing_in = { nonsense = ["9"] }\n'),
    "ctcae.end-before-start": cell("adverse_events", "end", "2010-01-01"),
    "ctcae.impossible-grade": cell("adverse_events", "grade", "6"),
    "dates.after-cutoff": cell("patients", "treatment_start", "2020-06-01"),
    "dates.after-death": cell("adverse_events", "start", "2019-12-30", 2),
    "dates.birth": both(without("patients", "age"), column("patients", "birth_date", "1900-01-01"),
                        variable('derive = "age"')),
    "dates.death-before-progression": cell("patients", "death_date", "2015-09-01", 4),
    "dates.death-before-start": cell("patients", "death_date", "2012-01-01", 1),
    "dates.end-before-start": cell("patients", "treatment_end", "2012-01-01", 1),
    "dates.event-after-death": both(
        column("patients", "relapse_date", ""), cell("patients", "relapse_date", "2019-12-30", 1),
        say('\n[endpoints.ttr]\nfrom = "treatment_start"\nevents = ["relapse_date"]\n'
            'competing = ["death"]\n')),
    "dates.future": cell("patients", "last_contact", "2095-01-01", 3),
    "dates.last-contact-before-start": cell("patients", "last_contact", "2012-01-01", 3),
    "dates.progression-before-start": cell("patients", "progression_date", "2012-01-01", 1),
    "dates.systemic-before-diagnosis": both(
        column("patients", "first_systemic_date", "2010-01-01"),
        variable('derive = "imdc"'),
    ),
    "sites.count": lambda t, p: cell("sites", "count", "-2")(
        t, variable('derive = "sites"\norgan = "lung"')(t, p)
    ),
    "doses.negative": cell("doses", "amount", "-400"),
    "dosing.negative": cell("doses", "amount", "-400"),
    "dosing.end-before-start": cell("doses", "end", "2010-01-01"),
    "dosing.no-start": cell("doses", "start", ""),
    "dosing.two-doses-on-one-day": lambda t, p: (t["doses"].append(dict(t["doses"][3])), p)[1],
    "dosing.times-per-day-missing": cell("doses", "times_per_day", ""),
    "dosing.unit": cell("doses", "unit", "tablets"),
    "dosing.body-size-missing": cell("doses", "unit", "mg/m2"),
    "eligibility.no-column": say(
        '\n[[eligibility.criteria]]\nkey = "c"\nlabel = "C"\ncolumn = "stage"\nis = "IV"\n'
    ),
    "eligibility.nobody": say(
        '\n[[eligibility.criteria]]\nkey = "c"\nlabel = "C"\ncolumn = "age"\nmin = 105\n'
    ),
    "eligibility.words-among-numbers": both(
        column("patients", "treatments", "2"), cell("patients", "treatments", "banana"), say(
        '\n[[eligibility.criteria]]\nkey = "c"\nlabel = "C"\ncolumn = "treatments"\nis = 2\n')),
    "eligibility.wrong-kind": say(
        '\n[[eligibility.criteria]]\nkey = "c"\nlabel = "C"\ncolumn = "sex"\nmin = 5\n'
    ),
    "endpoints.cause-absent": say(
        '\n[endpoints.css]\nevents = ["death"]\ncauses = ["tuberculosis"]\n'
    ),
    "endpoints.event-value-absent": say("", "event_value = 1", 'event_value = "dead"'),
    "endpoints.event-values": cell("patients", "rfs_event", "2"),
    "endpoints.negative-time": cell("patients", "rfs_months", "-3"),
    "endpoints.no-column": say("", 'time = "rfs_months"', 'time = "rfs_weeks"'),
    "endpoints.no-event-date": say('\n[endpoints.ttx]\nevents = ["transplant"]\n'),
    "endpoints.no-last-contact": without("patients", "last_contact"),
    "endpoints.no-last-day": say(
        '\n[endpoints.ttx]\ndate = "sex"\nevent = "rfs_event"\nevent_value = 1\n'
    ),
    "endpoints.no-origin": say('\n[endpoints.ttx]\nevents = ["death"]\nfrom = "surgery_date"\n'),
    "endpoints.no-progression": both(
        without("lesions"), without("therapies"), without("adverse_events"),
        without("patients", "progression_date", "treatment_end_reason"),
        say("", '[response]\nsource = "lesions"\n', ""),
        say("", "[endpoints.pfs]", '[endpoints.pfs]\ncensoring = "last_contact"')),
    "endpoints.no-scans": both(
        without("lesions"), say("", '[response]\nsource = "lesions"\n', "")),
    "endpoints.no-schedule": both(
        say("", "[schedule]\nscan_weeks = [8]\nscan_tolerance_weeks = 2\n", ""),
        say("", "[endpoints.pfs]", '[endpoints.pfs]\ncensoring = "missed_visits"')),
    "endpoints.not-recorded": both(
        without("patients", "treatment_end", "treatment_end_reason"),
        say("\n[endpoints.tot]\n")),
    "endpoints.unknown-cause": both(cell("patients", "death_cause", "", 1), say(
        '\n[endpoints.css]\nevents = ["death"]\ncauses = ["renal cell carcinoma"]\n')),
    "exposure.no-doses": say("", "[exposure.sorafenib]", "[exposure.sorafenibb]"),
    "exposure.no-records": without("doses"),
    "labs.limits": both(cell("labs", "lower_limit", "90", 0), say("", BASELINE, BASELINE)),
    "labs.negative": cell("labs", "value", "-4", 0),
    "labs.unit": cell("labs", "unit", "mmol/L", 0),
    "labs.without-date": both(cell("labs", "date", "", 1), variable('derive = "imdc"')),
    "layout.setting-without-effect": say('\n[tables.labs]\nsheet = "Labs"\n'),
    "layout.skip-rows": say("\n[tables.labs]\nskip_rows = [90000]\n"),
    "lesions.negative": cell("lesions", "diameter_mm", "-40", 0),
    "variables.names-patients": both(
        renamed("S04", "HKX-0017"), column("patients", "x", "p", "q"),
        cell("patients", "x", "as HKX-0017"), variable("")),
    "safety.names-patients": both(
        renamed("S04", "HKX-0017"), cell("adverse_events", "term", "Rash of HKX-0017", 0)),
    "lesions.size": cell("lesions", "diameter_mm", "99999", 0),
    "lesions.twice": lambda t, p: (t["lesions"].append(
        dict(t["lesions"][0]) | {"diameter_mm": "90"}), p)[1],
    "patients.duplicate": lambda t, p: (t["patients"].append(
        dict(t["patients"][0]) | {"age": "33"}), p)[1],
    "patients.sex-of-tumour": _tumours,
    "patients.orphan": cell("labs", "patient", "NOBODY", 0),
    "performance.ecog-without-map": both(
        variable('derive = "imdc"'), without("performance"),
        without("patients", "kps")),
    "propensity.no-score": both(
        say('\n[propensity]\ntreatment = "arm"\nvariables = ["x"]\nendpoints = ["os"]\n'),
        column("patients", "x", "p", "q"), variable("")),
    "protocol.open-question": _open_question,
    "recist.contradiction": cell("lesions", "status", "absent", 0),
    "recist.merged-into-unknown": cell("lesions", "merged_into", "T9", 3),
    "recist.new-at-baseline": cell("lesions", "role", "new", 0),
    "recist.no-baseline": lambda t, p: (t.__setitem__("lesions", [
        r for r in t["lesions"] if r["patient"] != "S03" or r["visit"] != "baseline"]), p)[1],
    "recist.no-date": cell("lesions", "date", "", 4),
    "recist.not-at-baseline": cell("lesions", "lesion", "T7", 3),
    "response.several-readers": _readers,
    "recist.target-without-length": cell("lesions", "diameter_mm", "", 0),
    "recist.two-values": lambda t, p: (t["lesions"].append(
        dict(t["lesions"][0]) | {"diameter_mm": "90"}), p)[1],
    "recist.unknown-role": cell("lesions", "role", "", 0),
    "response.no-column": both(without("patients", "best_response"), _charted()),
    "response.no-records": both(without("lesions")),
    "response.change-impossible": both(
        column("patients", "change", "-10", "-250", "5"), _charted('best_change = "change"')),
    "response.change-unit": both(
        column("patients", "change", "-0.1", "-0.25", "0.05"), _charted('best_change = "change"')),
    "rows.none-kept": say('\n[tables.labs]\nwhere = { test = "nonsense" }\n'),
    "outcomes.unknown": say(
        '\n[variables.why]\ncolumn = "treatment_end_reason"\n'
        '[outcomes.a]\nof = "variable"\nvariable = "why"\nlevels = ["nonsense"]\n'
    ),
    "rows.unnamed": cell("labs", "test", ""),
    "rows.no-patient": cell("lesions", "patient", "", 4),
    "safety.fatal-event": _fatal,
    "safety.grade": cell("adverse_events", "grade", "9"),
    "safety.no-records": without("adverse_events"),
    "survival.alive-with-death": cell("patients", "death_date", "2019-12-01", 0),
    "survival.death-without-date": cell("patients", "death_date", "", 1),
    "survival.inverted-by-status": _inverted,
    "survival.missing-code": both(*(cell("patients", "rfs_months", "999", i) for i in (2, 5, 7))),
    "survival.time-unit": lambda t, p: ([r.update(rfs_months=str(30 * float(r["rfs_months"])))
                                        for r in t["patients"]], p)[1],
    "time-dependent.future-groups": both(
        variable('column = "best_response"', "resp"), say("", ARMS,
        'by = ["arm", "resp"]\n[endpoints.rfs]')),
    "time-dependent.naive": say(
        '\n[time_dependent.r]\nendpoint = "os"\nchange = "response"\nmethods = ["naive"]\n'),
    "time-dependent.no-dates": both(_charted(), without("lesions"), say(
        '\n[time_dependent.r]\nendpoint = "os"\nchange = "response"\n')),
    "safety.unknown-term": say(
        '\n[time_dependent.r]\nendpoint = "os"\nchange = "adverse_event"\nterms = ["Bananas"]\n'),
    "units.missing": both(cell("labs", "unit", "", 1), variable('derive = "imdc"')),
    "units.unknown": both(cell("labs", "unit", "bananas", 1), variable('derive = "imdc"')),
    "values.age": cell("patients", "age", "540"),
    "values.bound": cell("labs", "value", "<5", 0),
    "values.ecog": cell("patients", "ecog", "7"),
    "values.formula-error": cell("patients", "age", "#DIV/0!"),
    "values.kps": cell("patients", "kps", "85"),
    "values.score": both(column("patients", "gleason", "6", "7", "8"),
                         cell("patients", "gleason", "11"),
                         variable('column = "gleason"\nkind = "continuous"')),
    "values.unknown-level": cell("patients", "sex", "purple"),
    "values.unreadable": cell("patients", "age", "old"),
    "values.may-be-missing": cell("patients", "rfs_event", "X"),
    "values.words": _words,
    "variables.circle": both(variable('from = "y"'), say('\n[variables.y]\nfrom = "x"\n')),
    "variables.cut-of-text": variable('column = "death_cause"\ncut = [3]'),
    "variables.date": variable('column = "diagnosis_date"'),
    "variables.date-order": variable(
        'derive = "duration"\nsince = "treatment_start"\nuntil = "diagnosis_date"'),
    "variables.double-dipping": both(
        variable('from = "age"\ncut_by = "max_logrank"\nendpoint = "os"', "old"),
        say("", 'candidates = ["sex", "crp"]', 'candidates = ["sex", "old"]')),
    "variables.effect": say("", 'column = "kps"\nkind = "continuous"', 'column = "kps"\nknots = 3'),
    "variables.effect-of-levels": both(
        variable('column = "treatment_end_reason"\nper = 2'),
        say("", 'candidates = ["sex", "crp"]', 'candidates = ["sex", "x"]')),
    "variables.empty": both(column("patients", "stage", ""), variable('column = "stage"')),
    "variables.lab-unit": both(
        cell("labs", "unit", "mmol/L", 0),
        variable('derive = "formula"\nformula = "lab.CRP [mg/L] * 2"')),
    "variables.lab-without-unit": both(
        cell("labs", "unit", "", 0),
        variable('derive = "formula"\nformula = "lab.CRP [mg/L] * 2"')),
    "variables.level-not-grouped": variable(
        'column = "death_cause"\n[variables.x.group]\nother = ["stroke"]'),
    "variables.log-of-nothing": both(
        column("patients", "n", "0", "1", "2", "3", "4", "5", "6", "7"),
        variable('derive = "formula"\nformula = "log(n)"')),
    "variables.negative": both(
        column("patients", "n", "-1", "1", "2", "3", "4", "5", "6", "7"),
        variable('derive = "ratio"\nof = ["n", "kps"]')),
    "variables.no-column": variable('column = "stage"'),
    "variables.no-cut": both(
        column("patients", "n", "4"), variable('column = "n"', "n0"),
        say('\n[variables.x]\nfrom = "n0"\ncut_by = "median"\n')),
    "variables.no-groups": say("", ARMS, 'by = ["arm", "age"]\n[endpoints.rfs]'),
    "variables.no-input": variable('derive = "nlr"'),
    "variables.no-lab": variable('derive = "formula"\nformula = "lab.Ferritin * 2"'),
    "variables.no-operand": variable('derive = "formula"\nformula = "ferritin * 2"'),
    "variables.no-records": both(without("labs")),
    "variables.no-reference": variable('column = "treatment_end_reason"\nreference = "stroke"'),
    "variables.no-such-word": variable(
        'derive = "category"\nwhen = { a = "sex = \'divers\'", b = "otherwise" }'),
    "variables.not-a-number": variable('column = "death_cause"\nkind = "continuous"'),
    "variables.reference-of-nobody": both(
        say("", 'levels = { male = "Male", female = "Female" }\nreference = "female"',
            'levels = { male = "Male", female = "Female", x = "Divers" }\nreference = "x"')),
    "variables.rests-on-another": both(
        variable('derive = "formula"\nformula = "y * 2"'), say('\n[variables.y]\ncolumn = "z"\n')),
    "variables.root-of-negative": both(
        column("patients", "n", "-1", "1", "2", "3", "4", "5", "6", "7"),
        variable('derive = "formula"\nformula = "sqrt(n)"')),
    "variables.same-key": both(
        column("patients", "n", "A", "A-", "B"), variable('column = "n"')),
    "variables.too-large": both(
        column("patients", "marker", "1e12", "1"),
        variable('derive = "formula"\nformula = "marker ^ 40"')),
    "variables.two-sources": both(
        column("patients", "neutrophils", "3", "4"), column("patients", "lymphocytes", "1", "2"),
        variable('derive = "nlr"')),
    "variables.unit-missing": both(
        column("patients", "weight", "70", "80", "64"),
        variable('derive = "formula"\nformula = "weight [kg] * 2"')),
    "variables.units": variable(
        'derive = "formula"\nformula = "lab.Neutrophils + lab.Neutrophils"'),
    "variables.units-open": variable(
        'derive = "formula"\nformula = "lab.CRP + lab.Hemoglobin"'),
    "variables.unknown-level": cell("patients", "arm", "c"),
    "variables.words-among-numbers": both(
        column("patients", "n", *map(str, range(23)), "many"), variable('column = "n"')),
    "variables.zero-denominator": both(
        column("patients", "n", "0", "1", "2", "3", "4", "5", "6", "7"),
        variable('derive = "formula"\nformula = "1 / n"')),
    "survival.inverted-event": _flags,
    "endpoints.followed-apart": _apart,
    "doses.drug": cell("doses", "drug", "sorafinib"),
}  # fmt: skip
"""Id of the catalogue = what is done to the clean study."""
