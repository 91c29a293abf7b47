"""The doors beside charts and papers, fed with damaged input: parts, curves, hospitals, answers.

Folders of parts, digitised curves with numbers at risk, plans and messages of a consortium (sealed
with the right key, too), exports as JSON, jamovi, OpenDocument and SAS files, answers of every
shape, results that are compared. A door may refuse in words; anything else is a fault. The seed
alone decides what is tried.
"""

from __future__ import annotations

import io
import json
import math
import random
import shutil
import struct
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

import reduced_study
from clean_study import write_study
from door_fuzz import CELLS, Tried, damaged_bytes, damaged_lines, damaged_table, enter

SHAPES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 2**53, 10**30, 1e300, -0.0, 0.5, "", "x", "1", "a" * 5000),
    *([], {}, [[]], [None], {"a": 1}, ["x"], [1, 2, 3], "NaN", "²", "=1+1", "\x1b[31m", "../x"),
    *(math.nan, math.inf, -math.inf),
)
ANSWERS = (
    *("yes", "no", "none", "leave out", "1", "2", "0", "-1", "1.0", "months", "days", "day-first"),
    *("1 = male, 2 = female", "male = 1", "1=1,2=2", "1 = , 2 = ", '"', "'", "\\", "[1]", "{}"),
    *("x = ", "= x", ",", ",,", "=", "==", "???", "a" * 5000, "9" * 5000, "²", "\x1b[31m", "\n"),
    *('"a" = "b"', '"1" = male', "1 = male, 1 = female", "true", "2015-01-01", "nan", "#", "x\ty"),
    *("[decisions]", '"""', "1 = dead # x", "= = =", "1 = male; 2 = female", " ", "\x00", "\u2028"),
)
CURVES = """arm,time,survival
A,0,1
A,3,0.9
A,6,0.7
A,12,0.4
B,0,1
B,4,0.8
B,9,0.5
B,14,0.2
"""
AT_RISK = "arm,time,n\nA,0,60\nA,6,40\nA,12,20\nB,0,55\nB,6,33\nB,12,10\n"
OPTIONS = ("", "A=60,B=55", "60", "A=0", "A=-1", "A=", "=", "A=1e9", "A=²", "C=3", "A=60,A=61",
           f"A={'9' * 40}", "A=6.5,B=7", ",", "A=60;B=55")  # fmt: skip
PLAN = """
[consortium]
schema = 1
name = "trial"
sites = ["north", "south"]
[disclosure]
minimum = 2
rows = 5
queries = 500
[times]
unit = "months"
grid = 1
[variables.age]
kind = "number"
bins = [50, 60, 70]
[variables.sex]
kind = "category"
levels = ["f", "m"]
[endpoints.os]
[populations.old]
where = ["age >= 55"]
[analyses.who]
kind = "table"
variables = ["age", "sex"]
[analyses.curves]
kind = "survival"
endpoint = "os"
by = "sex"
[analyses.test]
kind = "logrank"
endpoint = "os"
by = "sex"
[analyses.model]
kind = "cox"
endpoint = "os"
covariates = ["age", "sex"]
"""


def changed(value: Any, dice: random.Random) -> Any:
    """JSON in which one place, chosen anew at each level, holds something else."""
    if dice.random() < 0.12 or not isinstance(value, dict | list) or not value:
        return dice.choice(SHAPES)
    if isinstance(value, dict):
        out, key = dict(value), dice.choice(list(value))
        how = dice.random()
        if how < 0.1:
            del out[key]
        elif how < 0.15:
            out[f"{key}x"] = out[key]
        elif how < 0.2:
            out[key] = out[dice.choice(list(value))]
        else:
            out[key] = changed(out[key], dice)
        return out
    held, at = list(value), dice.randrange(len(value))
    how = dice.random()
    if how < 0.1:
        del held[at]
    elif how < 0.2:
        held.insert(at, held[at])
    elif how < 0.3:
        held.reverse()
    else:
        held[at] = changed(held[at], dice)
    return held


def damaged_json(value: Any, dice: random.Random) -> bytes:
    """The same as text: changed in its values, sometimes in its letters too."""
    for _ in range(dice.randint(1, 3)):
        value = changed(value, dice)
    text = json.dumps(value).encode()
    return damaged_bytes(text, dice) if dice.random() < 0.15 else text


def jamovi(frame: pl.DataFrame) -> dict[str, bytes]:
    """The parts of a jamovi file with the numbers of a frame."""
    fields, data = [], b""
    for name in frame.columns:
        column = frame[name]
        if not column.dtype.is_numeric():
            continue
        kind = {"type": "number", "dataType": "Decimal", "measureType": "Continuous"}
        fields.append({"name": name} | kind)
        data += struct.pack(f"<{frame.height}d", *(math.nan if v is None else v for v in column))
    meta = {"dataSet": {"rowCount": frame.height, "columnCount": len(fields), "fields": fields}}
    labels = {"os_event": {"labels": [[0, "no", "no", False], [1, "yes", "yes", False]]}}
    return {
        "metadata.json": json.dumps(meta).encode(),
        "xdata.json": json.dumps(labels).encode(),
        "data.bin": data,
    }


def open_document(frame: pl.DataFrame) -> dict[str, bytes]:
    """The parts of an OpenDocument sheet with a frame."""
    name = "urn:oasis:names:tc:opendocument:xmlns"
    rows = ""
    for row in [frame.columns, *frame.iter_rows()]:
        cells = "".join(
            f'<table:table-cell office:value-type="float" office:value="{v}"/>'
            if isinstance(v, int | float)
            else f'<table:table-cell office:value-type="string"><text:p>{v}</text:p>'
            "</table:table-cell>"
            for v in row
        )
        rows += f"<table:table-row>{cells}</table:table-row>"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{name}:office:1.0" '
        f'xmlns:table="{name}:table:1.0" xmlns:text="{name}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="patients">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return {"mimetype": kind, "content.xml": content.encode()}


def packed(parts: dict[str, bytes], dice: random.Random) -> bytes:
    """An archive of which one part, its end or its bytes are damaged."""
    parts = dict(parts)
    name = dice.choice(list(parts))
    how = dice.random()
    if how < 0.1:
        del parts[name]
    elif name.endswith(".json") and how < 0.8:
        parts[name] = damaged_json(json.loads(parts[name]), dice)
    else:
        parts[name] = damaged_bytes(parts[name], dice)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in parts.items():
            archive.writestr(one, data)
    return damaged_bytes(out.getvalue(), dice) if dice.random() < 0.2 else out.getvalue()


class NewerDoors:
    """Good inputs in a folder, and one attempt at a time at a door with a damaged one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.good = write_study(
            folder / "good", reduced_study.clean_tables(), reduced_study.PROTOCOL
        )
        self.protocol = (self.good / "study.toml").read_text(encoding="utf-8")
        self.table = (self.good / "data" / "patients.csv").read_text(encoding="utf-8")
        self.frame = pl.read_csv(io.StringIO(self.table))
        rows = self.frame.to_dicts()
        named = [{"itemOID": c, "name": c, "label": c, "dataType": "string"} for c in rows[0]]
        self.jsons: list[Any] = [
            {"datasetJSONVersion": "1.1.0", "name": "DM", "columns": named,
             "rows": [list(r.values()) for r in rows]},
            [{"record_id": str(k), **{c: str(v) for c, v in r.items()}}
             for k, r in enumerate(rows)],
            {c: {str(k): r[c] for k, r in enumerate(rows)} for c in rows[0]},
        ]  # fmt: skip
        self.archives = {".omv": jamovi(self.frame), ".ods": open_document(self.frame)}
        self.xpt = self._transport()
        self._hospitals()
        self.numbers = self._results()

    def _transport(self) -> bytes:
        import pandas as pd
        import pyreadstat

        data = pd.DataFrame(self.frame.to_dict(as_series=False))
        path = self.folder / "x.xpt"
        pyreadstat.write_xport(data.rename(columns=lambda c: c[:8]), str(path))
        return path.read_bytes()

    def _results(self) -> Any:
        from oncohort.documents import to_json
        from oncohort.study.study import read_study

        return json.loads(to_json(read_study(self.good).run(only=["baseline"]).numbers, False))

    def _hospitals(self) -> None:
        """Two hospitals in the midst of a conversation: requests and answers of three rounds."""
        from oncohort.consortium import answer, combine, join, open_job, start, take
        from oncohort.consortium.reading import Mapped

        where = self.folder / "hospitals"
        where.mkdir()
        (where / "plan.toml").write_text(PLAN, encoding="utf-8")
        job = start(where / "plan.toml", where / "job")
        dice = random.Random(0)
        for site in job.plan.sites:
            lines = [
                f"{k},{dice.randint(1, 40)},{int(dice.random() < 0.7)},{dice.randint(40, 80)},"
                f"{dice.choice('fm')}"
                for k in range(60)
            ]
            table = where / f"{site}.csv"
            table.write_text("id,os_time,os_event,age,sex\n" + "\n".join(lines) + "\n")
            mapped = Mapped(time_unit="months", patient="id")
            key = where / "job" / "keys" / f"{site}.key"
            join(where / f"site-{site}", where / "plan.toml", site, key, table, mapped)
        for _ in range(2):
            for site, path in open_job(where / "job").requests().items():
                take(open_job(where / "job"), answer(where / f"site-{site}", path.read_text()).text)
            combine(open_job(where / "job"))
        self.asked = open_job(where / "job").requests()
        later = self.folder / "later"  # where the sites have answered
        shutil.copytree(where, later)
        self.answers = {
            site: answer(later / f"site-{site}", path.read_text()).text
            for site, path in self.asked.items()
        }
        self.keys = dict(open_job(where / "job").keys)

    # -- one attempt of each kind ---------------------------------------------------------------

    def commands(self, dice: random.Random) -> list[list[str]]:
        """The commands of one attempt."""
        self.here = self.folder / "now"
        shutil.rmtree(self.here, ignore_errors=True)
        self.here.mkdir()
        kinds: list[Callable[[random.Random], list[list[str]]]] = [
            *[self._parts] * 3, self._patterns, *[self._curves] * 3, self._plan,
            *[self._message] * 8, *[self._files_of_hospitals] * 2, *[self._json] * 4,
            *[self._archive] * 3, self._statistics, *[self._answer] * 4, *[self._diff] * 4,
        ]  # fmt: skip
        return dice.choice(kinds)(dice)

    def _written_parts(self, folder: Path, dice: random.Random) -> None:
        """A cohort in parts; some are damaged, of other columns or kinds, or none at all."""
        n = dice.randint(1, 4)
        for k in range(n):
            part = self.frame[k * self.frame.height // n : (k + 1) * self.frame.height // n]
            below = folder / dice.choice(("", "", "site=a", "site=b", "site=", "a b", "=", ".x"))
            below.mkdir(parents=True, exist_ok=True)
            file = below / f"part-{k}.parquet"
            how = dice.randrange(8)
            if how == 0:
                part = part.drop(dice.choice(part.columns))
            elif how == 1:
                name = dice.choice(part.columns)
                part = part.with_columns(pl.Series(name, [dice.choice(CELLS)] * part.height))
            elif how == 2:
                part = part.with_columns(pl.Series(dice.choice(part.columns), [[1]] * part.height))
            elif how == 3:
                part = part.clear()
            part.write_parquet(file)
            if how == 4:
                file.write_bytes(damaged_bytes(file.read_bytes(), dice))
            elif how == 5:
                file.write_bytes(dice.choice((b"", b"PAR1", b"PAR1PAR1", b"a,b\n1,2\n")))
            elif how == 6:
                file.unlink()
                file.mkdir()

    def _parts(self, dice: random.Random) -> list[list[str]]:
        (self.here / "study.toml").write_text(self.protocol, encoding="utf-8")
        (self.here / "data").mkdir()
        if dice.random() < 0.3:
            for k in range(2):
                text = damaged_table(self.table, dice)
                (self.here / "data" / f"patients-{k}.csv").write_text(text, encoding="utf-8")
            return [["check", str(self.here)], ["new", str(self.here / "n"), "--from",
                                                str(self.here / "data")]]  # fmt: skip
        self._written_parts(self.here / "data" / "patients", dice)
        return [["check", str(self.here)], [dice.choice(("analyse", "explain")), str(self.here)]]

    def _patterns(self, dice: random.Random) -> list[list[str]]:
        folder = self.here / "parts"
        folder.mkdir()
        self._written_parts(folder, dice)
        names = ("parts", "parts/*.parquet", "parts/**/*.parquet", "parts/[", "**", "p*/*")
        named = dice.choice((*names, "parts/part-0.parquet", "parts/*/", "none/*.parquet"))
        ends = ["--time", "os_months", "--event", "os_event", "--event-value", "1"]
        door = dice.choice(
            (
                ["km", "--by", dice.choice(("arm", "sex", "site"))],
                ["cox", "--covariates", dice.choice(("age,crp", "sex", "age,site"))],
            )
        )
        return [[door[0], str(self.here / named), *ends, *door[1:]]]

    def _curves(self, dice: random.Random) -> list[list[str]]:
        curves = self.here / f"c{dice.choice(('.csv', '.tsv'))}"
        text = damaged_table(CURVES, dice) if dice.random() < 0.7 else CURVES
        data = text.encode()
        curves.write_bytes(damaged_bytes(data, dice) if dice.random() < 0.2 else data)
        command = ["twin", str(curves), "--out", str(self.here / "out"), "--time-budget", "1"]
        if dice.random() < 0.7:
            risk = self.here / "risk.csv"
            risk.write_text(damaged_table(AT_RISK, dice), encoding="utf-8")
            command += ["--at-risk", str(risk)]
        for option in ("--patients", "--events", "--median"):
            if dice.random() < 0.4:
                command += [option, dice.choice(OPTIONS)]
        unit = dice.choice(("months", "days", "years", "weeks", "fortnights"))
        return [[*command, "--unit", unit]]

    def _copy(self) -> Path:
        shutil.copytree(self.folder / "hospitals", self.here / "h")
        for site in ("north", "south"):
            path = self.here / "h" / f"site-{site}" / "site.toml"
            old, new = str(self.folder / "hospitals"), str(self.here / "h")
            path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
        return self.here / "h"

    def _plan(self, dice: random.Random) -> list[list[str]]:
        plan = self.here / "plan.toml"
        plan.write_text(damaged_lines(PLAN, dice), encoding="utf-8")
        key = self.folder / "hospitals" / "job" / "keys" / "north.key"
        data = self.here / "north.csv"
        table = (self.folder / "hospitals" / "north.csv").read_text()
        data.write_text(damaged_table(table, dice), encoding="utf-8")
        unit = dice.choice(("months", "days", "x"))
        return [
            ["consortium", "plan", str(plan), "--out", str(self.here / "job")],
            ["consortium", "join", str(self.here / "site"), "--plan", str(plan), "--name", "north",
             "--key", str(key), "--data", str(data), "--time-unit", unit, "--patient", "id"],
            ["consortium", "answer", str(self.here / "site"),
             str(self.here / "job" / "round-1" / "north.request.json")],
        ]  # fmt: skip

    def _message(self, dice: random.Random) -> list[list[str]]:
        """A request or an answer in which something is changed; often sealed with the right key."""
        from oncohort.consortium.sealing import read_envelope, sealed
        from oncohort.problems import OncohortError

        where, site = self._copy(), dice.choice(("north", "south"))
        of_request = dice.random() < 0.5
        text = self.asked[site].read_text() if of_request else self.answers[site]
        data = json.loads(text)
        part = "body" if dice.random() < 0.8 else dice.choice(list(data))
        for _ in range(dice.randint(1, 2)):
            data[part] = changed(data[part], dice)
        forged = json.dumps(data)
        if dice.random() < 0.9:
            with suppress(OncohortError):  # then it is refused as it stands
                forged = sealed(read_envelope(forged), self.keys[site])
        message = self.here / "message.json"
        message.write_text(forged, encoding="utf-8")
        if of_request:
            return [["consortium", "answer", str(where / f"site-{site}"), str(message)]]
        other = self.here / "other.json"
        other.write_text(self.answers["south" if site == "north" else "north"], encoding="utf-8")
        job = str(where / "job")
        return [["consortium", "combine", job, str(message), str(other)],
                ["consortium", "combine", job]]  # fmt: skip

    def _files_of_hospitals(self, dice: random.Random) -> list[list[str]]:
        """A damaged file of a site or of the coordinator."""
        where = self._copy()
        files = sorted(p for p in where.rglob("*") if p.is_file())
        one = dice.choice(files)
        held = one.read_bytes()
        if one.suffix == ".json" and dice.random() < 0.7:
            one.write_bytes(damaged_json(json.loads(held), dice))
        elif one.suffix == ".toml" and dice.random() < 0.8:
            one.write_text(damaged_lines(held.decode(), dice), encoding="utf-8")
        else:
            one.write_bytes(dice.choice((b"", damaged_bytes(held, dice), b"[" * 100_000)))
        out: list[list[str]] = [["consortium", "combine", str(where / "job")]]
        for site, asked in self.asked.items():
            out.append(["consortium", "answer", str(where / f"site-{site}"), str(asked)])
            out.append(["consortium", "log", str(where / f"site-{site}")])
        return out

    def _chart(self, name: str, dice: random.Random) -> list[list[str]]:
        text = self.protocol.replace('"data"', f'"{name}"', 1)
        (self.here / "study.toml").write_text(text, encoding="utf-8")
        if dice.random() < 0.5:
            return [["check", str(self.here)]]
        return [["new", str(self.here / "n"), "--from", str(self.here / name)],
                ["check", str(self.here / "n")]]  # fmt: skip

    def _json(self, dice: random.Random) -> list[list[str]]:
        (self.here / "c.json").write_bytes(damaged_json(dice.choice(self.jsons), dice))
        if dice.random() < 0.3:
            head = "Variable / Field Name,Form Name,Field Type,Field Label,"
            head += '"Choices, Calculations, OR Slider Labels",Identifier?\n'
            fields = "".join(
                f'{c},f,{dice.choice(("text", "radio", "yesno"))},{c},"0, No | 1, Yes",\n'
                for c in self.frame.columns
            )
            (self.here / "dictionary.csv").write_text(
                damaged_table(head + fields, dice), encoding="utf-8"
            )
        return self._chart("c.json", dice)

    def _archive(self, dice: random.Random) -> list[list[str]]:
        suffix = dice.choice(list(self.archives))
        (self.here / f"c{suffix}").write_bytes(packed(self.archives[suffix], dice))
        return self._chart(f"c{suffix}", dice)

    def _statistics(self, dice: random.Random) -> list[list[str]]:
        (self.here / "c.xpt").write_bytes(damaged_bytes(self.xpt, dice))
        return self._chart("c.xpt", dice)

    def _answer(self, dice: random.Random) -> list[list[str]]:
        text = "id,Geschl,Status,zeit,start,Alter,dead\n" + "".join(
            f"{k},{dice.randint(1, 2)},{dice.randint(0, 2)},{dice.randint(1, 40)},"
            f"0{dice.randint(1, 9)}/0{dice.randint(1, 9)}/2015,{dice.randint(30, 80)},"
            f"{dice.choice(('x', ''))}\n"
            for k in range(12)
        )
        chart = self.here / "chart.csv"
        chart.write_text(text, encoding="utf-8")
        study = str(self.here / "n")
        out = [["new", study, "--from", str(chart)]]
        for _ in range(3):
            name = dice.choice(("1", "2", "3", "0", "-1", "x", "9" * 30, "sex", "²", ""))
            out.append(["answer", study, name, dice.choice(ANSWERS)])
        return [*out, ["check", study]]

    def _diff(self, dice: random.Random) -> list[list[str]]:
        for name in ("old", "new"):
            (self.here / name).mkdir()
            path = self.here / name / "results.json"
            path.write_bytes(
                damaged_json(self.numbers, dice)
                if dice.random() < 0.7
                else json.dumps(self.numbers).encode()
            )
        return [["diff", str(self.here / "old"), str(self.here / "new")]]


def attempts(folder: Path, seeds: range) -> Tried:
    """Try so many doors with damaged input."""
    doors, tried = NewerDoors(folder), Tried()
    for seed in seeds:
        for command in doors.commands(random.Random(seed)):
            enter(tried, seed, command)
    return tried
