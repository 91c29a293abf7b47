"""The table of pairs by number of events: what is said to be attainable is shown, row by row."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from conftest import ROOT, program
from oncohort.published.figures import ratio_key
from oncohort.stats import cox
from oncohort.twin.job import stored

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

TABLE = ROOT / "docs" / "twin-pairs.csv"


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def test_every_order_of_the_table_prints_its_ratio_and_p() -> None:
    measure = program("scripts/measure_attainable.py")
    plan, _, _ = stored("lung_metastases")
    pairs = {ratio_key(p.ratio).removeprefix("ratios."): p for p in measure.pairs_of(plan)}
    shown = [r for r in rows() if r["order"]]
    assert len(shown) > 100
    for r in shown:
        pair, order = pairs[r["ratio"]], r["order"]
        kind = np.array([ord(c.lower()) - ord("a") for c in order])
        x = (kind[:, None] >> np.arange(len(pair.ones))) & 1
        event = np.array([c.isupper() for c in order])
        fit = cox(np.arange(1.0, len(order) + 1), event, x.astype(float))
        hr = float(fit.hr[pair.place]) ** (-1 if pair.inverse else 1)
        assert len(order) == plan.n
        assert int(event.sum()) == int(r["events"])
        if r["sizes"] != "any":
            wanted = [int(part.split("/")[0]) for part in r["sizes"].split("+")]
            assert x.sum(axis=0).tolist() == wanted
        assert f"{hr:.{decimals(r['estimate'])}f}" == r["estimate"]
        assert f"{float(fit.p[pair.place]):.{decimals(r['p'])}f}" == r["p"]


def test_every_pair_has_a_state_at_every_number_of_events() -> None:
    counted: dict[tuple[str, str], list[int]] = {}
    for r in rows():
        assert r["state"] in ("attainable", "excluded", "open")
        assert (r["state"] == "attainable") == bool(r["order"])
        assert (int(r["sweeps"]) == 0) == (r["state"] == "excluded")
        counted.setdefault((r["ratio"], r["sizes"]), []).append(int(r["events"]))
    assert {ratio for ratio, _ in counted} >= {"pfs.univariable.sex.male"}
    assert len({ratio for ratio, _ in counted}) == 25
    assert all(own == list(range(20, 41)) for own in counted.values())


def test_a_short_search_of_the_script_finds_what_the_table_says() -> None:
    measure = program("scripts/measure_attainable.py")
    plan, _, _ = stored("lung_metastases")
    pair = next(
        p
        for p in measure.pairs_of(plan)
        if ratio_key(p.ratio).startswith("ratios.os.univariable.imdc")
    )
    order, sweeps = measure.sought(pair, plan.n, 27, (0, 0), 1)
    assert order.upper() != order.lower()
    assert sweeps > 0
    assert 27 in measure.able_of(pair, plan.n, (0, 0))
