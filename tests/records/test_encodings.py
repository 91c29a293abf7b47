"""The encoding of a text is told from its words; what is not certain is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.records.sources import open_source
from oncohort.records.sources.encodings import told

HEADERS = {
    "zh": (
        "住院号,性别,年龄(岁),手术日期,复发,生存状态,总生存期(月)\n1,男,61,2015/3/2,是,死亡,12.5\n",
        ("gb18030",),
    ),
    "zh-tw": ("病歷號,性別,年齡,手術日期,復發,存活狀態\n1,男,61,2015/3/2,是,死亡\n", ("big5",)),
    "ja": ("患者番号,性別,年齢,治療開始日,転帰\n1,男性,61,2015/3/2,死亡\n", ("cp932", "euc_jp")),
    "ko": ("환자번호,성별,나이,수술일,사망일,생존여부\n1,남,61,2015-03-02,,생존\n", ("cp949",)),
    "ru": (
        "Пациент;Пол;Возраст;Дата операции;Дата смерти;Статус\n1;м;61;02.03.2015;;жив\n",
        ("cp1251", "koi8_r", "cp866", "iso8859_5"),
    ),
    "uk": ("Пацієнт;Стать;Вік;Дата операції;Помер\n1;ч;61;02.03.2015;ні\n", ("cp1251",)),
    "el": (
        "Ασθενής;Φύλο;Ηλικία;Ημερομηνία έναρξης;Θάνατος\n1;Α;61;2.3.2015;όχι\n",
        ("cp1253", "iso8859_7"),
    ),
    "he": ("מספר;מין;גיל;תאריך ניתוח;נפטר\n1;ז;61;2.3.2015;לא\n", ("cp1255",)),
    "ar": ("رقم المريض;الجنس;العمر;تاريخ الوفاة\n1;ذكر;61;2015-03-02\n", ("cp1256",)),
    "th": ("รหัส;เพศ;อายุ;วันที่ผ่าตัด;เสียชีวิต\n1;ชาย;61;2015-03-02;ไม่\n", ("cp874",)),
    "pl": (
        "Nr;Płeć;Wiek;Data rozpoczęcia leczenia;Zgon;Długość życia\n1;męska;61;2.3.2015;żyje;5\n",
        ("cp1250", "iso8859_2", "cp852"),
    ),
    "cs": (
        "Číslo;Pohlaví;Věk;Datum zahájení léčby;Úmrtí\n1;muž;61;2.3.2015;žije\n",
        ("cp1250", "cp852"),
    ),
    "hu": ("Beteg;Nem;Életkor;Műtét időpontja;Halálozás\n1;férfi;61;2015.03.02;élő\n", ("cp1250",)),
    "tr": (
        "Hasta;Cinsiyet;Yaş;Tedavi başlangıç tarihi;Ölüm\n1;kadın;61;02.03.2015;sağ\n",
        ("cp1254",),
    ),
    "de": (
        "Patient;Größe;Läsion;Übelkeit;verstorben am\n1;3;ja;nö;2.3.2015\n",
        ("cp1252", "mac_roman", "cp850"),
    ),
    "fr": ("N°;Âge;Décédé;Début;Réponse\n1;60;oui;3;complète\n", ("cp1252", "mac_roman")),
    "es": ("Edad;Año;Éxitus;Situación\n61;3;sí;él\n", ("cp1252",)),
    "pt": ("Idade;Óbito;Duração;Última consulta\n61;não;3;2.3.2015\n", ("cp1252",)),
    "da": ("Patient;Køn;Alder år;Dødsdato\n1;mand;61;2.3.2015\n", ("cp1252",)),
}


@pytest.mark.parametrize(
    ("text", "page"),
    [(text, page) for text, pages in HEADERS.values() for page in pages],
    ids=[f"{language}-{page}" for language, (_, pages) in HEADERS.items() for page in pages],
)
def test_each_language_is_read_from_its_code_pages(text: str, page: str) -> None:
    assert told(text.encode(page)).text == text


@pytest.mark.parametrize("page", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_with_and_without_its_mark(page: str) -> None:
    for text, _ in HEADERS.values():
        assert told(text.encode(page)).text.lstrip("\ufeff") == text


def test_a_letter_that_was_cut_in_two_does_not_spoil_the_others(tmp_path: Path) -> None:
    # Databases cut texts after so many bytes.
    whole = "id;Größe;Läsion\n1;größer;Übelkeit\n2;schön;für\n".encode()
    (tmp_path / "c.csv").write_bytes(whole + "3;geä".encode()[:-1] + b";ja\n")
    opened = open_source(tmp_path / "c.csv", "c.csv")
    assert "Größe" in opened.read(None).rows[0]  # type: ignore[union-attr]
    assert "line 4" in opened.doubts[0]


def test_what_is_certain_is_not_doubted_and_what_is_not_is(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    for text, pages in HEADERS.values():
        file.write_bytes(text.encode(pages[0]))
        assert open_source(file, "c.csv").doubts == ()
    file.write_bytes("Fără date;decedată;vârsta\n1;2;3\n".encode("cp1250"))
    assert "not UTF-8" in open_source(file, "c.csv").doubts[0]
