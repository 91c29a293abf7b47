"""Where a lesion is: the organ that a site counts as, and whether it is a lymph node.

Radiologists write sites in many ways: lobes (RUL), segments (S7), stations (4R), in the language
of the hospital. Letters are compared without case and accents, word by word; what is not known
stays as it is written, without sides and numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

NODES = "lymph nodes"

_ORGANS: Mapping[str, str] = {
    "lung": "lung lungs pulmonary pulmonal pulmo lunge lungen lungen* poumon poumons pulmonaire "
    "pulmon pulmones pulmonar rul rml rll lul lll lingula lingual lingulaire lingula* oberlappen "
    "unterlappen mittellappen bronch* endobronch*",
    "liver": "liver hepatic hepar leber leber* foie hepatique hepatic* higado hepatico hepatica",
    "adrenal": "adrenal adrenals suprarenal nebenniere nebennieren* surrenale surrenales "
    "surrenalien suprarrenal suprarrenales nn",
    "kidney": "kidney kidneys renal niere nieren nieren* rein reins renale renaux rinon rinones ",
    "bone": "bone bones osseous skeletal skeleton knochen knochen* ossar os osseuse osseux hueso "
    "huesos oseo osea vertebra vertebrae vertebral* spine spinal wirbel wirbel* vertebre vertebres "
    "rib ribs rippe rippen cote cotes costilla costillas sacrum sakrum sacro ilium femur humerus "
    "sternum scapula clavicle skull becken*",
    "brain": "brain cerebral cerebellum cerebellar hirn gehirn hirn* zerebral kleinhirn cerveau "
    "cerebrale cerveau cervelet cerebro cerebelo cns zns snc intracranial",
    "pancreas": "pancreas pancreatic pankreas pankreas* pancreatique pancreatico",
    "spleen": "spleen splenic milz rate splenique bazo esplenico",
    "pleura": "pleura pleural plevre rippenfell pleurale",
    "peritoneum": "peritoneum peritoneal bauchfell peritoine peritoneo peritoneal* omentum omental "
    "omento epiploon mesentery mesenteric mesenterium mesenteriell mesentere netz",
    "skin": "skin cutaneous haut peau piel kutan cutane cutanea",
    "muscle": "muscle muscles muskel muskulatur musculature musculo psoas gluteus",
    "soft tissue": "subcutaneous subkutan weichteil weichteile weichgewebe",
    "thyroid": "thyroid schilddruse thyroide tiroides",
    "breast": "breast mamma brust brustdruse sein mama",
    "stomach": "stomach gastric magen estomac estomago",
    "colon": "colon kolon colonic dickdarm",
    "bladder": "bladder harnblase vessie vejiga",
    "ovary": "ovary ovaries ovarian ovar ovaire ovario",
    "prostate": "prostate prostata",
    "mediastinum": "mediastinum mediastinal mediastin mediastino",
    "retroperitoneum": "retroperitoneum retroperitoneal retroperitoine retroperitoneo",
    "heart": "heart cardiac herz coeur corazon pericardium pericardial",
}
"""Organ to the words that name it; a star stands for any ending."""

_NODE = (
    "node nodes nodal lymphnode lymphnodes ln lns lnn lymphadenopathy adenopathy adenopathies "
    "lymphadenopathie lymphknoten* lk lks lymphknot* ganglion ganglions ganglionnaire "
    "ganglionnaires adenopathie adp gg ganglio ganglios ganglionar adenopatia adenopatias "
    "linfadenopatia linfatico linfonodo paratracheal paratracheale subcarinal infracarinal "
    "subkarinal aortopulmonary aortocaval interaortocaval paracaval retrocaval portocaval "
    "retrocrural paraaortic paraaortal lymph lymphatic"
)
_NODE_PHRASES = ("para aortic", "para aortal", "para aortique", "ap window", "aorto caval",
                 "inter aortocaval", "para tracheal", "para caval", "retro crural")  # fmt: skip
_STATION = re.compile(
    r"\b(?:station|level|stationen|niveau|nivel)\s*+#?\s*+(?:\d{1,2}|[ivx]+)[a-z]?\b"
    r"|\b(?:[1-9]|1[0-4])\s?[rl]\b(?!\s*\d)"
)
_LOBE = re.compile(
    r"\b(?:upper|middle|lower)\s+lobes?\b"
    r"|\blob(?:e|ulo)\s+(?:superieur|inferieur|moyen|superior|inferior|medio)\b"
    r"|\b(?:lsd|lmd|lid|lsg|lig|lsi|lii|lob sup|lob inf)\b"
    r"|\b(?:rechter|linker|re|li)\s+(?:ol|ul|ml)\b|\b(?:ol|ul|ml)\s+(?:rechts|links|re|li)\b"
)
_LIVER_LOBE = re.compile(r"\b(?:caudate|quadrate)\b|\blobus caudatus\b|\blobe caude\b")

_NO_ORGAN = (
    "left right lt rt l r re li bilateral both upper lower middle lobe lobes of the segment "
    "segments seg apex apical basal anterior posterior lateral medial i ii iii iv v vi vii viii "
    "links rechts linke rechte linker rechter linkes rechtes beidseits gauche droit droite "
    "izquierdo izquierda derecho derecha lobulo segmento metastasis metastases metastase "
    "metastasen lesion nodule mass tumor tumour s"
)
_REST = frozenset(_NO_ORGAN.split())


def _folded(text: str) -> str:
    """Lower case, without accents, punctuation as blanks."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss").replace("œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", " ", plain).strip()


def _matches(words: list[str], patterns: str) -> bool:
    for pattern in patterns.split():
        if pattern.endswith("*"):
            if any(w.startswith(pattern[:-1]) for w in words):
                return True
        elif pattern in words:
            return True
    return False


@lru_cache(maxsize=4096)
def is_node(site: str | None) -> bool:
    """Whether a site names a lymph node.

    A region alone (hilar, axillary, retroperitoneal) may hold a mass that is none and does not
    count; stations that hold nothing but nodes do.

    Examples
    --------
    >>> [is_node(x) for x in ("mediastinal LN", "station 4R", "lymphangitis", "lung nodule")]
    [True, True, False, False]
    """
    text = _folded(site or "")
    words = re.findall(r"[^\W\d_]+", text)
    if not words or any(w.startswith(("lymphang", "lymphom")) for w in words):
        return False
    if any(w.startswith("linfang") for w in words):
        return False
    return (
        _matches(words, _NODE)
        or any("lymphknoten" in w for w in words)
        or any(phrase in text for phrase in _NODE_PHRASES)
        or _STATION.search(text) is not None
    )


@lru_cache(maxsize=4096)
def organ(site: str | None, node: bool = False) -> str | None:
    """The organ that a site counts as: nodes are one organ, so are paired organs.

    Source: RECIST 1.1, 3.1.2; Schwartz et al., Eur J Cancer 2016;62:132-137 (both lungs are one).

    Examples
    --------
    >>> organ("Left lung, lower lobe"), organ("hilar", node=True), organ("liver S7"), organ("RUL")
    ('lung', 'lymph nodes', 'liver', 'lung')
    """
    if node or is_node(site):
        return NODES
    text = _folded(site or "")
    if not text:
        return None
    words = re.findall(r"[^\W\d_]+", text)
    for name, patterns in _ORGANS.items():
        if name not in ("muscle", "mediastinum", "retroperitoneum") and _matches(words, patterns):
            return name
    if _LIVER_LOBE.search(text):
        return "liver"
    if _LOBE.search(text):
        return "lung"
    if "soft" in words or "mous" in words or "tejido blando" in text or "partes blandas" in text:
        return "soft tissue"
    for name in ("muscle", "mediastinum", "retroperitoneum"):
        if _matches(words, _ORGANS[name]):
            return name
    rest = [w for w in words if w not in _REST]
    rest = [w[:-1] if w.endswith("s") and len(w) > 4 and not w.endswith("ss") else w for w in rest]
    return " ".join(rest) or text
