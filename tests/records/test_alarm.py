"""The alarm for personal data on a list of columns: none of people may be missed, none of medicine
may be hidden. The figures stand in docs/reading-charts.md."""

from __future__ import annotations

from typing import Any

from further_columns import HARMLESS, OF_PEOPLE
from named_columns import BESIDE, NAMED

from oncohort.records.personal import find_personal

PEOPLE: dict[str, list[Any]] = {
    "Surname": ["Smith", "Jones", "Meyer"],
    "Name des Patienten": ["Smith", "Jones", "Meyer"],
    "Nom de famille": ["Dupont", "Martin", "Petit"],
    "Apellidos": ["García", "López", "Ruiz"],
    "Cognome": ["Rossi", "Bianchi", "Verdi"],
    "Nome do paciente": ["Silva", "Souza", "Lima"],
    "氏名": ["山田太郎", "佐藤花子", "鈴木一郎"],
    "姓名": ["王伟", "李娜", "张敏"],
    "geb. am": ["03.04.45", "05.06.51", "07.08.60"],
    "DOB": ["1945-04-03", "1951-06-05", "1960-08-07"],
    "Né le": ["03/04/1945", "05/06/1951", "07/08/1960"],
    "Fecha de nacimiento": ["03/04/1945", "05/06/1951", "07/08/1960"],
    "Data di nascita": ["03/04/1945", "05/06/1951", "07/08/1960"],
    "生年月日": ["1945年4月3日", "1951年6月5日", "1960年8月7日"],
    "出生日期": ["1945-04-03", "1951-06-05", "1960-08-07"],
    "Hausarzt": ["Dr. Meier", "Dr. Huber", "Dr. Wolf"],
    "主治医": ["田中", "高橋", "伊藤"],
    "Tel.": ["0761 12345", "0761 54321", "0761 99999"],
    "Contact": ["+49 761 1234567", "+49 761 7654321", "+49 761 9999999"],
    "身份证号": ["110101194504031234", "110101195106051234", "110101196008071234"],
    "NHS No": ["943 476 5919", "943 476 5870", "943 476 5811"],
    "Codice fiscale": ["RSSMRA45D03H501A", "BNCLCU51H05F205B", "VRDGPP60M07L219C"],
    "Versichertennummer": ["A123456789", "B987654321", "C123123123"],
    "Mail": ["a@b.org", "c@d.org", "e@f.org"],
    "Info": ["write to ann@clinic.org", "x", "y"],
    "Anschrift": ["Hauptstraße 3", "Ringweg 7", "Am Platz 1"],
    "住所": ["東京都", "大阪府", "京都府"],
    "Initialen": ["A.B.", "C.D.", "E.F."],
    "Bemerkung": ["Tel. Hausarzt 0761-12345", "stabil", "seen"],
    "Remarks": ["seen by Dr. Miller", "well", "stable"],
    "Notes": ["geb. 03.04.1945", "well", "stable"],
    "Who": ["Meyer, Anna", "Smith, John", "Rossi, Maria"],
}
MEDICINE: dict[str, list[Any]] = {
    "Patient ID": ["01-701-1015", "01-701-1023", "01-701-1028"],
    "USUBJID": ["01-701-1015", "01-701-1023", "01-701-1028"],
    "Cell type": ["clear cell", "papillary", "clear cell"],
    "CNS": ["yes", "no", "no"],
    "CNS mets": [0, 1, 0],
    "GP": ["yes", "no", "yes"],
    "Regimen": ["Gem Cis", "Folfox", "Folfiri"],
    "Site": ["Lung", "Liver", "Bone"],
    "Family history": ["yes", "no", "no"],
    "家族歴": ["あり", "なし", "なし"],
    "Via": ["oral", "iv", "oral"],
    "Start": ["2015-01-01", "2015-02-01", "2015-03-01"],
    "Hb (g/dL)": [12.1, 13.4, 9.9],
    "Platelets": [150000, 230000, 410000],
    "Histology": ["Adenocarcinoma", "Squamous cell", "Adenosquamous"],
    "Stage": ["IIIA", "IIIB", "IV"],
    "Mutation": ["EGFR L858R", "KRAS G12C", "ALK fusion"],
    "Remark": ["dose held", "well", "stable"],
    "Center": ["Freiburg", "Basel", "Zürich"],
    "Birth weight": [3100, 2900, 3500],
    "Nome farmaco": ["sorafenib", "sunitinib", "pazopanib"],
    "Adverse event": ["Hand Foot", "Skin Rash", "Hand Foot"],
    "Interval": ["1-2", "2-4", "3-5"],
    "Blood pressure": ["120/80", "130/85", "110/70"],
    "TNM": ["T1 N0 M0", "T2 N1 M0", "T3 N0 M1"],
    "Last seen": ["03.04.2016", "05.06.2016", "07.08.2016"],
    "转移部位": ["肺", "肝", "骨"],
    "病理": ["腺癌", "鳞癌", "腺癌"],
    "Drug name": ["Sorafenib", "Sunitinib", "Axitinib"],
    "Nombre del fármaco": ["Sorafenib", "Sunitinib", "Axitinib"],
}

PEOPLE |= OF_PEOPLE
MEDICINE |= HARMLESS
_VALUES: list[Any] = [1004371, 1013544, 1022717]
PEOPLE |= {n: _VALUES for names in NAMED.values() for n in names if n not in PEOPLE}
MEDICINE |= {n: _VALUES for n in BESIDE if n not in MEDICINE}


def alarmed(columns: dict[str, list[Any]]) -> set[str]:
    return {p.column for p in find_personal(tuple(columns), list(columns.values()))}


def test_people_are_found() -> None:
    assert set(PEOPLE) - alarmed(PEOPLE) == set()


def test_medicine_is_not_hidden() -> None:
    assert alarmed(MEDICINE) == set()
