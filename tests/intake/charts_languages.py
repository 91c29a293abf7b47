"""Charts in the languages that charts are kept in (synthetic)."""

from __future__ import annotations

from pathlib import Path

from cohort import chart, in_language


@chart()
def english(path: Path) -> Path:
    head = ["Pt #", "Gender", "Age", "Start of chemo", "BOR", "Date of PD", "Died on", "Last seen"]
    return in_language(path, head, {}, "Sheet1")


@chart()
def german(path: Path) -> Path:
    head = [
        "lfd. Nr.",
        "Geschl.",
        "Alter",
        "Therapiebeginn",
        "Bestes Ansprechen",
        "Progress am",
        "verstorben am",
        "letzter Kontakt",
    ]
    return in_language(path, head, {"male": "m", "female": "w"}, "Patienten")


@chart()
def french(path: Path) -> Path:
    head = [
        "N° patient",
        "Sexe",
        "Âge",
        "Début traitement",
        "Meilleure réponse",
        "Date de progression",
        "Date de décès",
        "Date des dernières nouvelles",
    ]
    words = {
        "male": "homme",
        "female": "femme",
        "PR": "RP",
        "CR": "RC",
        "SD": "stabilité",
        "PD": "maladie progressive",
    }
    return in_language(path, head, words, "Données")


@chart()
def spanish(path: Path) -> Path:
    head = [
        "Paciente",
        "Sexo",
        "Edad",
        "Inicio tratamiento",
        "Mejor respuesta",
        "Fecha de progresión",
        "Fecha de fallecimiento",
        "Última visita",
    ]
    words = {
        "male": "hombre",
        "female": "mujer",
        "PR": "respuesta parcial",
        "CR": "respuesta completa",
        "SD": "enfermedad estable",
        "PD": "progresión",
    }
    return in_language(path, head, words, "Pacientes")


@chart()
def spanish_letters(path: Path) -> Path:
    head = [
        "Paciente",
        "Sexo",
        "Edad",
        "Inicio tratamiento",
        "Mejor respuesta",
        "Fecha de progresión",
        "Fecha de fallecimiento",
        "Última visita",
    ]
    return in_language(path, head, {"male": "H", "female": "M"}, "Pacientes")


@chart()
def italian(path: Path) -> Path:
    head = [
        "Paziente",
        "Sesso",
        "Età",
        "Inizio terapia",
        "Miglior risposta",
        "Data progressione",
        "Data decesso",
        "Ultimo contatto",
    ]
    words = {
        "male": "maschio",
        "female": "femmina",
        "PR": "risposta parziale",
        "CR": "risposta completa",
        "SD": "malattia stabile",
        "PD": "progressione",
    }
    return in_language(path, head, words, "Pazienti")


@chart()
def portuguese(path: Path) -> Path:
    head = [
        "Prontuário",
        "Sexo",
        "Idade",
        "Início do tratamento",
        "Melhor resposta",
        "Data da progressão",
        "Data do óbito",
        "Último contato",
    ]
    words = {"male": "masculino", "female": "feminino"}
    return in_language(path, head, words, "Pacientes")


@chart()
def japanese(path: Path) -> Path:
    head = [
        "症例番号",
        "性別",
        "年齢",
        "治療開始日",
        "最良効果",
        "増悪日",
        "死亡日",
        "最終生存確認日",
    ]
    return in_language(path, head, {"male": "男", "female": "女"}, "患者背景")


@chart()
def chinese(path: Path) -> Path:
    head = [
        "序号",
        "性别",
        "年龄",
        "首次用药日期",
        "最佳疗效",
        "疾病进展日期",
        "死亡日期",
        "末次随访日期",
    ]
    words = {
        "male": "男",
        "female": "女",
        "PR": "部分缓解",
        "CR": "完全缓解",
        "SD": "疾病稳定",
        "PD": "疾病进展",
    }
    return in_language(path, head, words, "患者")
