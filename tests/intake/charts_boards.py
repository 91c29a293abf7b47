"""Boards and wards of several countries, each awful in three or four ways at once (synthetic)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from charts_elsewhere import RFS, day, text
from charts_public import PFS_EVENTS
from charts_tongues import PFS
from cohort import (
    PEOPLE,
    RESPONDERS,
    at,
    chart,
    dated,
    save,
)
from on_sheets import MALE, D, book
from openpyxl import Workbook
from openpyxl.styles import PatternFill

RED = PatternFill("solid", fgColor="FFFF0000")


@chart(
    responders=RESPONDERS,
    truths=PFS | {"baseline.sex.count[level=male]": MALE},
    absent=("Huber", "Mustermann"),
)
def uro_board_german(path: Path) -> Path:
    b = Workbook()
    s = b.active
    s.title = "NZK mRCC 2015"
    s.append(["Nierenzellkarzinom-Kohorte, Stand 12.11.2018 (Dr. Huber)"])
    s.append([])
    s.append(
        ["Stammdaten", None, None, None, "Systemtherapie", None, None, "Verlauf", None, None, None]
    )
    s.append(
        [
            "lfd. Nr.",
            "Name",
            "Geb.-Dat.",
            "m/w",
            "Erstlinie",
            "Beginn 1. Linie",
            "bestes Ansprechen",
            "PD am",
            "Status*",
            "letzter Kontakt/Tod",
            "Hausarzt",
        ]
    )
    s.merge_cells("A3:D3")
    s.merge_cells("E3:G3")
    s.merge_cells("H3:K3")
    for p in PEOPLE:
        s.append(
            [
                p.number,
                f"Mustermann, M{p.number}",
                f"{1 + p.number % 28:02d}.03.{(p.start.year - p.age) % 100:02d}",
                "m" if p.sex == "male" else "w",
                ["Sunitinib", "Pazopanib"][p.number % 2],
                f"{p.start:%d.%m.%y}",
                {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD"}[p.response],
                f"{p.progressed:%d.%m.%y}" if p.progressed else "n.a.",
                (2 + p.number % 2) if p.dead else 1,
                f"{p.last:%d.%m.%y}",
                "Dr. Huber, Tel. 0761-55512",
            ]
        )
    s.append([])
    s.append(["* 1 = lebt, 2 = tumorbedingt verstorben, 3 = andere Todesursache"])
    s.append(["n.a. = nicht aufgetreten"])
    b.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None, answers={"deaths": "yes", "rfs": "yes"}, truths=RFS, absent=("DUPONT",))
def sein_french(path: Path) -> Path:
    rows = [
        [
            f"{p.number:03d}",
            "DUPONT",
            "Marie" + str(p.number),
            f"{1 + p.number % 28:02d}/05/{p.start.year - p.age}",
            day(p.start - timedelta(days=20), "%d/%m/%Y"),
            day(p.start, "%d/%m/%Y"),
            ["RH+", "RH-"][p.number % 2],
            ["0", "1+", "2+", "3+"][p.number % 4],
            day(p.progressed, "%d/%m/%Y") or "non",
            day(p.last, "%d/%m/%Y"),
            "DCD" if p.dead else "VSM",
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "N°",
            "NOM",
            "Prénom",
            "DDN",
            "Date diag.",
            "Date chirurgie",
            "RH",
            "HER2",
            "Date rechute",
            "Date dernières nouvelles",
            "Statut aux DN",
        ],
        *rows,
    )


@chart(
    responders=RESPONDERS,
    answers={"missing_words": "missing"},
    truths=PFS | {"baseline.sex.count[level=male]": MALE},
)
def lung_japanese(path: Path) -> Path:
    z = str.maketrans("0123456789", "０１２３４５６７８９")
    rows = [
        [
            f"L-{p.number:03d}",
            f"{p.age}歳".translate(z),
            "男性" if p.sex == "male" else "女性",
            f"PS{p.number % 3}",
            f"{p.start.year}年{p.start.month}月{p.start.day}日",
            p.response,
            f"{p.progressed.year}年{p.progressed.month}月{p.progressed.day}日"
            if p.progressed
            else "未",
            f"{'死亡' if p.dead else '生存'}",
            f"{p.last.year}年{p.last.month}月{p.last.day}日",
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "症例ID",
            "年齢",
            "性別",
            "PS",
            "初回投与日",
            "最良総合効果",
            "PD確認日",
            "転帰",
            "最終生存確認日／死亡日",
        ],
        *rows,
        [],
        ["※PS：ECOG Performance Status", "未：未増悪"],
    )


@chart(responders=None, truths=RFS, absent=("张",))
def hcc_chinese(path: Path) -> Path:
    rows = [
        [
            i + 1,
            f"张{p.number}",
            f"0098{p.number:04d}",
            "男" if p.sex == "male" else "女",
            f"{p.age}岁",
            f"{p.start:%Y.%m.%d}",
            [">1210", "35.2", "4.1", "<0.6"][p.number % 4],
            ["有", "无"][p.number % 2],
            "是" if p.progressed else "否",
            f"{p.progressed:%Y.%m.%d}" if p.progressed else "无",
            "死亡" if p.dead else "存活",
            f"{p.last:%Y.%m.%d}",
        ]
        for i, p in enumerate(PEOPLE)
    ]
    return save(
        path,
        [
            "序号",
            "姓名",
            "住院号",
            "性别",
            "年龄",
            "手术日期",
            "AFP(ng/ml)",
            "门脉癌栓",
            "是否复发",
            "复发日期",
            "随访结局",
            "末次随访/死亡日期",
        ],
        *rows,
    )


@chart(
    responders=RESPONDERS,
    answers={"deaths": "yes", "pfs": "yes"},
    truths=PFS | {"baseline.sex.count[level=male]": MALE},
)
def crc_spanish_codebook(path: Path) -> Path:
    code = {"CR": 1, "PR": 2, "SD": 3, "PD": 4}
    rows = [["NHC", "SEXO", "EDAD", "F_INICIO", "RESP", "F_PROG", "ESTADO", "F_ULT", "KRAS"]]
    rows += [
        [
            40000 + p.number,
            1 if p.sex == "male" else 2,
            p.age,
            at(p.start),
            code[p.response],
            at(p.progressed),
            1 if p.dead else 0,
            at(p.last),
            p.number % 2,
        ]
        for p in PEOPLE
    ]
    legend = [
        ["Variable", "Etiqueta", "Valores"],
        ["SEXO", "Sexo", "1 = hombre, 2 = mujer"],
        ["RESP", "Mejor respuesta", "1=RC; 2=RP; 3=EE; 4=PE"],
        ["ESTADO", "Estado vital", "0 vivo; 1 muerto"],
        ["KRAS", "Mutación KRAS", "0 nativo, 1 mutado"],
        ["F_INICIO", "Fecha de inicio de quimioterapia", ""],
        ["F_PROG", "Fecha de progresión", ""],
        ["F_ULT", "Fecha de muerte o última visita", ""],
    ]
    return book(path, Datos=rows, Leyenda=legend)


@chart(responders=RESPONDERS, answers={"ctcae": "CTCAE 4.03"}, truths=PFS)
def melanoma_italian_sheets(path: Path) -> Path:
    a = [["ID paz.", "Sesso", "Data nascita", "BRAF"]] + [
        [
            f"{p.number:03d}",
            "M" if p.sex == "male" else "F",
            at(date(p.start.year - p.age, 1, 1)),
            ["mutato", "wt"][p.number % 2],
        ]
        for p in PEOPLE
    ]
    t = [["Paziente", "Farmaco", "Data inizio", "Data fine", "Miglior risposta"]] + [
        [
            p.number,
            ["nivolumab", "pembrolizumab"][p.number % 2],
            at(p.start),
            at(p.start + timedelta(days=min(50, p.days - 1))),
            {"CR": "RC", "PR": "RP", "SD": "MS", "PD": "PD"}[p.response],
        ]
        for p in PEOPLE
    ]
    f = [
        [
            "Paziente",
            "Progressione (sì/no)",
            "Data progressione",
            "Stato",
            "Data ultimo contatto/decesso",
        ]
    ] + [
        [
            p.number,
            "sì" if p.progressed else "no",
            at(p.progressed),
            "deceduto" if p.dead else "vivo",
            at(p.last),
        ]
        for p in reversed(PEOPLE)
    ]
    x = [["Paziente", "Evento avverso", "Grado", "Data insorgenza"]] + [
        [p.number, "Colite", 1 + p.number % 3, at(p.start + timedelta(days=10))]
        for p in PEOPLE
        if p.number % 2
    ]
    return book(path, Anagrafica=a, Terapia=t, Follow_up=f, Tossicità=x)


@chart(
    responders=None,
    answers={"missing_words": "missing"},
    truths={"survival.pfs.events": float(PFS_EVENTS)},
)
def gastric_portuguese_csv(path: Path) -> Path:
    rows = [
        [
            "Registo",
            "Sexo",
            "Idade",
            "ECOG",
            "Início QT",
            "Progressão",
            "Data progressão",
            "Óbito",
            "Data do óbito ou última consulta",
            "Albumina",
        ]
    ]
    rows += [
        [
            f"G{p.number}",
            "Masc" if p.sex == "male" else "Fem",
            p.age,
            "ign" if p.number == 4 else p.number % 3,
            day(p.start, "%d/%m/%Y"),
            "S" if p.progressed else "N",
            day(p.progressed, "%d/%m/%Y") or "NSA",
            "S" if p.dead else "N",
            day(p.last, "%d/%m/%Y"),
            f"{p.hb / 3:.1f}".replace(".", ","),
        ]
        for p in PEOPLE
    ]
    return text(path, "gastrico.csv", ";", rows, "cp1252")


@chart(responders=RESPONDERS, answers={"missing_words": "missing"}, truths=PFS)
def lung_polish(path: Path) -> Path:
    w = {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD"}
    rows = [
        [
            p.number,
            "K" if p.sex == "female" else "M",
            p.age,
            p.number % 3 if p.number != 7 else "brak danych",
            day(p.start, D),
            w[p.response],
            "T" if p.progressed else "N",
            day(p.progressed, D) or "-",
            "T" if p.dead else "N",
            day(p.last, D),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "Nr pacjenta",
            "Płeć",
            "Wiek",
            "ECOG",
            "Data rozpoczęcia",
            "Najlepsza odpowiedź",
            "Progresja",
            "Data progresji",
            "Zgon",
            "Data zgonu/ostatniej obserwacji",
        ],
        *rows,
        ["T - tak, N - nie"],
    )


@chart(responders=RESPONDERS, answers={"deaths": "yes", "pfs": "yes"})
def recist_dutch_wide(path: Path) -> Path:
    def s(p):
        return (50.0, 20.0, 20.0) if p.response in ("CR", "PR") else (50.0, 52.0, 49.0)

    rows = []
    for p in PEOPLE:
        c = [p.number, "V" if p.sex == "female" else "M", p.age, at(p.start)]
        for d, z in zip((-7, 30, 58), s(p), strict=False):
            c += [at(p.start + timedelta(days=d)), z, "nee"]
        rows.append([*c, at(p.last), "ja" if p.dead else "nee"])
    h = [
        "Patiëntnr",
        "Geslacht",
        "Leeftijd",
        "Start behandeling",
        "CT0 datum",
        "CT0 som (mm)",
        "CT0 nieuwe laesie",
        "CT1 datum",
        "CT1 som (mm)",
        "CT1 nieuwe laesie",
        "CT2 datum",
        "CT2 som (mm)",
        "CT2 nieuwe laesie",
        "Laatste contact",
        "Overleden",
    ]
    return save(path, h, *rows)


@chart(
    responders=RESPONDERS,
    answers={"ctcae": "CTCAE 4.03", "drug": "axitinib"},
    truths={},
)
def us_wide_all(path: Path) -> Path:
    def s(p):
        return (5.0, 2.0, 2.0) if p.response in ("CR", "PR") else (5.0, 5.2, 4.9)

    h = [
        "Study ID",
        "Gender",
        "Age at dx",
        "Agent",
        "Starting dose",
        "C1D1",
        "AE 1",
        "AE 1 grade",
        "AE 2",
        "AE 2 grade",
        "BL scan date",
        "BL SLD (cm)",
        "FU1 date",
        "FU1 SLD (cm)",
        "FU1 new lesions?",
        "FU2 date",
        "FU2 SLD (cm)",
        "FU2 new lesions?",
        "Vital status",
        "Date of last contact/death",
    ]
    rows = []
    for p in PEOPLE:
        z = s(p)
        rows.append(
            [
                f"RCC-{p.number:02d}",
                p.sex[0].upper(),
                p.age,
                "axitinib",
                "5 mg BID -> 7 mg BID (2015-03-02)" if p.number == 3 else "5 mg BID",
                at(p.start),
                "Diarrhea" if p.number % 2 else None,
                1 + p.number % 3 if p.number % 2 else None,
                "HFS" if p.number % 3 == 0 else None,
                2 if p.number % 3 == 0 else None,
                at(p.start - timedelta(days=9)),
                z[0],
                at(p.start + timedelta(days=30)),
                z[1],
                "N",
                at(p.start + timedelta(days=58)),
                z[2],
                "N",
                "Deceased" if p.dead else "Alive",
                at(p.last),
            ]
        )
    return save(path, h, *rows)


@chart(responders=None, truths=PFS)
def event_rows_spanish(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        rows.append([p.number, "Inicio tratamiento", day(p.start, "%d/%m/%Y"), None])
        if p.progressed:
            rows.append([p.number, "Progresión", day(p.progressed, "%d/%m/%Y"), "TAC"])
        rows.append(
            [p.number, "Éxitus" if p.dead else "Último contacto", day(p.last, "%d/%m/%Y"), None]
        )
    return save(path, ["Paciente", "Evento", "Fecha", "Observaciones"], *rows)


@chart(responders=RESPONDERS, answers={"stacked": "yes"}, truths=PFS)
def years_stacked_order_differs(path: Path) -> Path:
    sh = {}
    for y, (a, b_) in {"2015a": (0, 9), "2015b": (9, 17), "2016": (17, 24)}.items():
        h = (
            ["Pat.ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
            if y != "2016"
            else ["Pat ID", "Age", "Sex", "Start", "PD date", "BOR", "Last contact", "Death"]
        )
        rows = [h]
        for p in PEOPLE[a:b_]:
            r = dict(
                zip(
                    ["id", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"],
                    dated(p),
                    strict=False,
                )
            )
            r["id"] = f"K{p.number}"
            rows.append([r[k] if k in r else r["id"] for k in [x if x in r else "id" for x in h]])
        sh[y] = rows
    return book(path, **sh)
