"""Sites as radiologists write them: the organ they count as, and what is a node."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from oncohort.criteria import recist

WRITTEN = {
    "lung": (
        "lung", "Lungs", "LUNG RUL", "RLL lung", "Lung (S6)", "RUL", "RML", "RLL", "LUL", "LLL",
        "lingula", "Left lung, lower lobe", "right upper lobe", "middle lobe", "pulmonary nodule",
        "lung, S10", "pulmonary metastasis RLL", "bilateral lungs", "lung apex left", "RUL nodule",
        "left lower lobe S8", "endobronchial", "Lunge", "Lunge rechts", "linker Oberlappen",
        "Unterlappen re", "Mittellappen", "Lungenmetastase", "pulmonal", "OL rechts", "UL links",
        "poumon droit", "poumons", "lobe supérieur droit", "lobe inférieur gauche", "lobe moyen",
        "pulmonaire", "LSD", "LIG", "pulmón", "pulmón derecho", "lóbulo superior izquierdo",
        "lóbulo medio", "nódulo pulmonar",
    ),
    "liver": (
        "liver", "Liver S7", "liver segment IVa", "segment 8 liver", "hepatic", "hepatic lesion",
        "liver, right lobe", "left lobe of liver", "caudate lobe", "Leber", "Leber S6",
        "Lebermetastase", "Lebersegment VII", "foie", "foie segment 4", "hépatique",
        "métastase hépatique", "hígado", "hígado segmento VI", "lesión hepática", "hepar",
    ),
    "lymph nodes": (
        "lymph node", "Lymph nodes", "LN", "LNs", "mediastinal LN", "mediastinal lymph node",
        "retroperitoneal LN", "left supraclavicular lymph node", "node, hilar", "nodal mass",
        "axillary node right", "inguinal lymphadenopathy", "adenopathy", "station 7",
        "station 4R", "4R", "10L", "2R", "11 L", "Station 5", "level II", "neck level IIa",
        "subcarinal", "right paratracheal", "para-aortic", "paraaortic", "aortocaval",
        "interaortocaval", "retrocrural", "AP window", "LN station 4L", "Lymphknoten",
        "Lymphknoten mediastinal", "LK axillär", "LK", "Lymphknotenmetastase", "Halslymphknoten",
        "ganglion", "ganglions médiastinaux", "adénopathie", "adénopathie hilaire", "ADP",
        "ganglionnaire", "ganglio", "ganglios mediastínicos", "adenopatía", "adenopatía axilar",
        "latero-aortic lymph node", "portocaval LN", "N. lymphaticus (LN)",
    ),
    "kidney": (
        "kidney", "kidneys", "left kidney", "renal", "Niere", "Niere links", "Nierentumor", "rein",
        "rein gauche", "riñón", "riñón derecho", "renal mass",
    ),
    "adrenal": (
        "adrenal", "adrenals", "left adrenal gland", "suprarenal", "Nebenniere",
        "Nebenniere rechts", "surrénale", "surrénale gauche", "suprarrenal", "adrenal metastasis",
    ),
    "bone": (
        "bone", "bones", "rib", "vertebra L4", "spine", "sacrum", "Knochen", "Knochenmetastase",
        "Wirbelkörper", "Rippe", "os", "os iliaque", "vertèbre", "côte", "hueso", "costilla",
        "femur left", "osseous",
    ),
    "brain": (
        "brain", "cerebral", "cerebellum", "Hirn", "Hirnmetastase", "Kleinhirn", "cerveau",
        "cérébral", "cerebro", "CNS",
    ),
    "pancreas": ("pancreas", "pancreatic head", "Pankreas", "Pankreaskopf", "pancréas", "páncreas"),
    "spleen": ("spleen", "splenic", "Milz", "bazo", "rate"),
    "pleura": ("pleura", "pleural", "plèvre", "right pleura"),
    "peritoneum": ("peritoneum", "peritoneal", "omentum", "péritoine", "mesentery", "Bauchfell"),
    "skin": ("skin", "cutaneous", "Haut", "peau", "piel"),
    "thyroid": ("thyroid", "Schilddrüse", "thyroïde", "tiroides"),
    "muscle": ("psoas muscle", "Muskel", "muscle"),
    "soft tissue": ("soft tissue", "Weichteile", "tissus mous", "subcutaneous"),
}  # fmt: skip
NO_NODES = (
    "lung nodule", "lymphangitis", "lymphangitis carcinomatosa", "pulmonary nodules", "liver",
    "hilar mass", "retroperitoneal mass", "axilla", "S4", "lung S4", "segment 4", "liver S4",
    "nodule RUL", "L4 vertebra", "", None, "pleural nodularity",
)  # fmt: skip


def test_the_list_is_long_enough_to_mean_something() -> None:
    assert sum(len(v) for v in WRITTEN.values()) >= 150


@pytest.mark.parametrize(
    ("site", "organ"), [(site, organ) for organ, sites in WRITTEN.items() for site in sites]
)
def test_the_organ_of_a_site(site: str, organ: str) -> None:
    assert recist.organ(site) == organ
    assert recist.organ(site.upper()) == organ
    assert recist.is_node(site) is (organ == "lymph nodes")


@pytest.mark.parametrize("site", NO_NODES)
def test_what_is_no_node(site: str | None) -> None:
    assert recist.is_node(site) is False


def test_a_site_that_is_not_known_stays_itself() -> None:
    assert recist.organ("left parotid gland") == recist.organ("Parotid gland, right")
    assert recist.organ("nowhere") == "nowhere"
    assert recist.organ(None) is None


def lesions(*rows: tuple[str, str | None, date, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "patient": "1", "lesion": n, "site": s, "date": d, "diameter_mm": mm,
                "role": "target", "source_row": i,
            }
            for i, (n, s, d, mm) in enumerate(rows, 2)
        ]
    )  # fmt: skip


BASE, LATER = date(2014, 1, 6), date(2014, 3, 3)


@pytest.mark.parametrize("sites", [WRITTEN[k] for k in ("lung", "liver", "lymph nodes")])
def test_more_than_two_targets_in_an_organ_however_written(sites: tuple[str, ...]) -> None:
    for i in range(len(sites) - 2):
        rows = lesions(*((f"T{k}", site, BASE, 30.0) for k, site in enumerate(sites[i : i + 3])))
        found = [p.id for p in recist.check(rows)]
        assert found.count("recist.too-many-in-organ") == 1, sites[i : i + 3]
        assert "recist.too-many-in-organ" not in [p.id for p in recist.check(rows.head(2))]


@pytest.mark.parametrize("site", ["mediastinal lymph node", "LN", "Lymphknoten", "station 4R"])
def test_a_node_named_only_by_its_site_is_judged_as_one(site: str) -> None:
    rows = lesions(("N1", site, BASE, 18.0), ("N1", site, LATER, 8.0))
    visits = recist.assess(rows)
    assert visits["overall"].to_list() == [None, "CR"]
    assert "nodes below 10 mm" in recist.reason(visits.row(1, named=True))
    (problem,) = recist.check(lesions(("N1", site, BASE, 12.0)))
    assert problem.id == "recist.target-not-measurable"
    assert f"a node by its site, {site}" in problem.what


def test_what_is_said_of_a_node_stands() -> None:
    rows = lesions(("N1", "LN", BASE, 18.0), ("N1", "LN", LATER, 8.0))
    said = rows.with_columns(node=pl.lit(False))
    assert recist.assess(said)["overall"].to_list() == [None, "PR"]


def test_the_site_may_stand_at_baseline_only() -> None:
    rows = lesions(("N1", "LN", BASE, 18.0), ("N1", None, LATER, 8.0))
    assert recist.assess(rows)["overall"].to_list() == [None, "CR"]
    assert recist.check(rows) == []
