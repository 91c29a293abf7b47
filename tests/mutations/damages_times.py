"""Further damage in the study of one reduced sheet."""

from __future__ import annotations

import random

from clean_study import Tables
from damages import Plant, Where, ids, put, scale
from damages_reduced import protocol

TIMES: dict[str, Plant] = {}


def times(plant: Plant) -> Plant:
    """Enter a kind of damage of the reduced study."""
    TIMES[plant.__name__] = plant
    return plant


def of_bone(column: str, factor: float) -> Plant:
    """A plant in which the patients of one site have a time in another unit."""

    def plant(tables: Tables, rng: random.Random) -> Where:
        rows = [r for r in tables["patients"] if r["site"] == "bone"]
        for row in rows:
            row[column] = f"{float(row[column]) * factor:.4g}"
        return Where("patients", (column,), ids(rows), keys=("endpoints",))

    return plant


def patients(column: str, value: str, n: int = 1, **having: str) -> Plant:
    return put("patients", column, value, n, **having)


TIMES.update(
    {
        "os_in_days_at_one_site": of_bone("os_months", 30.4375),
        "pfs_in_days_at_one_site": of_bone("pfs_months", 30.4375),
        "os_in_years_at_one_site": of_bone("os_months", 1 / 12),
        "os_in_weeks_at_one_site": of_bone("os_months", 4.348),
        "pfs_ten_times": scale("patients", "pfs_months", 10, 1),
        "time_in_words": patients("os_months", "1 year 3 months"),
        "time_with_unit": patients("os_months", "15 mo"),
        "time_beyond": patients("os_months", ">60"),
        "time_infinite": patients("os_months", "inf"),
        "time_is_a_date": patients("os_months", "2019-03-04"),
        "time_formula_error": patients("os_months", "#REF!"),
        "time_with_two_commas": patients("os_months", "12,1,3"),
        "event_says_lost": patients("os_event", "lost"),
        "event_is_minus_one": patients("os_event", "-1", 2),
        "event_coded_two_at_one_site": patients("os_event", "2", 6, os_event="1"),
        "change_in_brackets": patients("best_change", "(30)", best_response="PR"),
        "change_with_real_minus": patients("best_change", "−45", best_response="PR"),
        "change_not_evaluable": patients("best_change", "NE", best_response="PR"),
        "change_with_percent_sign": patients("best_change", "-45%", best_response="PR"),
        "kps_is_a_range": patients("kps", "70-80"),
        "kps_with_words": patients("kps", "KPS 80"),
        "arm_crossed_over": patients("arm", "a->b"),
        "sex_in_german": patients("sex", "W", sex="female"),
        "crp_with_unit": patients("crp", "0.9 mg/dL"),
        "crp_with_apostrophe": patients("crp", "1'250"),
        "crp_below_limit": patients("crp", "<5", 3),
        "nlr_of_nobody": patients("nlr", "0"),
        "site_misspelt": patients("site", "lugn"),
        "ages_all_of_one_value": patients("age", "60", 30),
        "hb_with_lost_point": scale("patients", "hb", 10, 1),
        "weight_exchanged_with_hb": patients("weight", "11.2"),
    }
)


@times
def os_ten_times(tables: Tables, rng: random.Random) -> Where:
    """A point that is lost; ten times a short survival is an ordinary one."""
    row = rng.choice([r for r in tables["patients"] if float(r["os_months"]) > 15])
    row["os_months"] = f"{10 * float(row['os_months']):.0f}"
    return Where("patients", ("os_months",), (row["patient"],))


@times
def flags_exchanged(tables: Tables, rng: random.Random) -> Where:
    """Relapse stands in the column of death, and death in that of relapse."""
    for row in tables["patients"]:
        row["pfs_event"], row["os_event"] = row["os_event"], row["pfs_event"]
    return Where("patients", ("pfs_event", "os_event"), keys=("endpoints.pfs", "endpoints.os"))


@times
def flags_exchanged_in_the_protocol(tables: Tables, rng: random.Random) -> Where:
    return Where(
        "patients",
        ("pfs_event", "os_event"),
        protocol=(
            'event = "pfs_event"\nevent_value = 1\nby = ["arm"]\n[endpoints.os]\n'
            'time = "os_months"\nevent = "os_event"',
            'event = "os_event"\nevent_value = 1\nby = ["arm"]\n[endpoints.os]\n'
            'time = "os_months"\nevent = "pfs_event"',
        ),
        keys=("endpoints.pfs", "endpoints.os"),
    )


@times
def flags_turned_at_one_site(tables: Tables, rng: random.Random) -> Where:
    rows = [r for r in tables["patients"] if r["site"] == "bone"]
    for row in rows:
        row["os_event"] = "0" if row["os_event"] == "1" else "1"
    return Where("patients", ("os_event",), ids(rows), keys=("endpoints.os", "endpoints.pfs"))


@times
def events_of_the_first_endpoint_alone(tables: Tables, rng: random.Random) -> Where:
    """Nobody filled in the deaths of those who had progressed."""
    rows = [r for r in tables["patients"] if r["pfs_event"] == "1"]
    for row in rows:
        row["os_event"] = ""
    return Where("patients", ("os_event",), ids(rows), keys=("endpoints.os",))


@times
def deaths_never_recorded(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["os_event"] = "0"
    return Where("patients", ("os_event",), keys=("endpoints.os",))


@times
def one_time_copied_into_both(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["pfs_months"] = row["os_months"]
    return Where("patients", ("pfs_months",), keys=("endpoints.pfs", "endpoints.os"))


@times
def one_flag_copied_into_both(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["os_event"] = row["pfs_event"]
    return Where("patients", ("os_event",), keys=("endpoints.os", "endpoints.pfs"))


@times
def survival_alone_in_years(tables: Tables, rng: random.Random) -> Where:
    for row in tables["patients"]:
        row["os_months"] = f"{float(row['os_months']) / 12:.2f}"
    text = ('[endpoints.pfs]\ntime = "pfs_months"\nevent = "pfs_event"\nevent_value = 1\n'
            'by = ["arm"]\n', "")  # fmt: skip
    return Where("patients", ("os_months",), protocol=text, keys=("endpoints.os",))


@times
def survival_alone_in_months_called_days(tables: Tables, rng: random.Random) -> Where:
    text = (
        '[endpoints.pfs]\ntime = "pfs_months"\nevent = "pfs_event"\nevent_value = 1\n'
        'by = ["arm"]\n[endpoints.os]',
        '[endpoints.os]\ntime_unit = "days"',
    )
    return Where("patients", ("os_months",), protocol=text, keys=("endpoints.os",))


@times
def id_with_exchanged_figures(tables: Tables, rng: random.Random) -> Where:
    row = tables["patients"][rng.randrange(11, 20)]
    new = row["patient"][0] + row["patient"][:0:-1]
    tables["patients"].append({**row, "patient": f"{new}X"})
    return Where("patients", ("patient",), (row["patient"], f"{new}X"))


@times
def block_of_rows_pasted_again(tables: Tables, rng: random.Random) -> Where:
    rows = [{**r, "patient": f"P{k:02d}"} for k, r in enumerate(tables["patients"][:12])]
    tables["patients"] += rows
    return Where("patients", ("patient",), ids(rows))


@times
def responses_shifted_by_a_row(tables: Tables, rng: random.Random) -> Where:
    rows = tables["patients"]
    held = [r["best_response"] for r in rows]
    for row, value in zip(rows, held[1:] + held[:1], strict=True):
        row["best_response"] = value
    return Where("patients", ("best_response",), ids(rows), keys=("response", "endpoints.pfs"))


TIMES.update(
    {
        "time_of_pfs_as_survival_covariate": protocol(
            'candidates = ["sex", "crp_group"]',
            'candidates = ["sex", "early"]\n[variables.early]\nfrom = "free"\ncut = [6]\n'
            '[variables.free]\ncolumn = "pfs_months"\nkind = "continuous"',
            "variables.early", "prognosis", "endpoints.os",
        ),
        "criterion_of_long_survival": protocol(
            "[baseline]",
            '[[eligibility.criteria]]\nkey = "s"\nlabel = "Died early"\ncolumn = "os_months"\n'
            "min = 3\n[baseline]",
            "eligibility",
        ),
        "percent_of_changes_is_fraction": protocol(
            'best_change = "best_change"',
            'best_change = "best_change"\nbest_change_unit = "fraction"',
            "response",
        ),
        "rates_beyond_all_times": protocol(
            'event = "os_event"\nevent_value = 1\nby = ["arm"]',
            'event = "os_event"\nevent_value = 1\nby = ["arm"]\nat = [12, 600]',
            "endpoints.os",
        ),
        "unit_of_the_study_is_days": protocol(
            "synthetic = true", 'synthetic = true\ntime_unit = "days"', "endpoints", "study"
        ),
        "unit_of_the_study_is_years": protocol(
            "synthetic = true", 'synthetic = true\ntime_unit = "years"', "endpoints", "study"
        ),
        "cut_by_the_outcome": protocol(
            "cut = [10]", 'cut_by = "max_logrank"\nendpoint = "os"', "prognosis"
        ),
        "cut_by_the_median_twice": protocol(
            "cut = [10]", "cut = [10, 10.05]", "variables.crp_group", "prognosis"
        ),
    }
)  # fmt: skip
