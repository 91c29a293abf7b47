"""What no page of ours sends is answered in words, and leaves no trace beside the study."""

from __future__ import annotations

import os

import pytest
from hostile_forms import ask
from served_site import Site, served  # noqa: F401


def test_forms_addresses_and_files_of_others_are_answered(served: Site) -> None:
    before = {p.name for p in served.home.parent.iterdir()}
    asked = ask(served, range(40))
    assert asked.faults == []
    assert served.get("/").status == 200
    assert {p.name for p in served.home.parent.iterdir()} == before
    assert not list(served.home.rglob(".oncohort-dropped-*"))


@pytest.mark.verify
def test_forms_of_others_by_the_thousand(served: Site) -> None:
    n = int(os.environ.get("ONCOHORT_FUZZ_COUNT", "3000"))
    asked = ask(served, range(10_000, 10_000 + n))
    print(dict(asked.statuses))
    assert asked.faults == []
