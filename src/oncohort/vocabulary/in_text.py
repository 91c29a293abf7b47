"""Names of the chart inside a sentence: which words lose their capital."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.vocabulary.drugs import is_drug

_WORDS = """
    a abnormal absent active acute adenocarcinoma adjuvant adrenal adult adults advanced
    adverse age agent alanine albumin alcohol alive alkaline all alopecia amplification
    amplified anaemia anaplastic anemia annual anterior antibody any arm ascites aspartate
    asymptomatic baseline best best-supportive bilateral bilirubin biopsy bladder blood body
    bone both brain breast bulky calcium cancer carcinoma cardiac carrier center central centre
    cerebral cervical cervix chemotherapy cholangiocarcinoma chromophobe chronic cirrhosis
    clear clinical cohort colitis colon combination combined comorbidities comorbidity complete
    concomitant concurrent control conventional country creatinine curative current cystectomy
    cystic cytogenetic cytogenetics cytokine daily date dead death decreased deep delay
    deletion depth diabetes diagnosis dialysis diameter diarrhea diarrhoea differentiated
    diffuse discontinuation disease distal distant donor dosage dose dose-reduction drug ductal
    duration early early-stage edema education elderly elective elevated emergency endocrine
    endometrioid eosinophil eosinophils era escalation esophageal estrogen ethnicity event
    events ever experimental expression extension extensive extent extranodal family fatigue
    favorable favourable female fever final first first-line follicular follow-up former full
    gastrectomy gastric gastrointestinal gender general genetic germline glioblastoma glioma
    good grade haemoglobin hand-foot head heart height hemoglobin hepatic hepatitis
    hepatocellular high higher histologic histological histology history hormonal hormone
    hospital hypercalcemia hypertension immune immunotherapy improved incidental income
    increased index induction infection inferior inflammation inflammatory initial inoperable
    institution insurance intensive interferon intermediate interruption interval intestinal
    intraoperative intravenous invasion invasive karyotype karyotypic kidney lactate
    laparoscopic large laryngeal larynx last late lateral left length leukaemia leukemia
    leukocyte leukocytes leukocytosis level levels limited line lines liver lobectomy lobular
    local localised localized locally-advanced location low lower lung lymph lymphatic
    lymphocyte lymphocytes lymphoma lymphovascular maintenance male margin margins marital
    married marrow mastectomy maximum mean medial median medullary melanoma men menopausal
    metachronous metastases metastasis metastatic methylated methylation middle mild minimal
    minimum mitotic mixed moderate moderately molecular monocyte monocytes monotherapy monthly
    mucinous mucositis multiple mutant mutated mutation myeloma nasopharyngeal nausea neck
    necrosis negative neoadjuvant nephrectomy neuropathy neutropenia neutrophil neutrophils
    never new no nodal node nodes nodular non-clear non-small none normal not number
    nutritional obese obesity objective observation oedema oesophageal oestrogen older one open
    operable oral osseous other ovarian overweight pain palliative pancreatic papillary partial
    pathologic pathological patient patients performance perineural period peritoneal pharynx
    placebo plasma platelet platelets pleural pneumonitis poor poorly portal positive posterior
    postmenopausal postoperative pre-treatment premenopausal preoperative present pretreated
    pretreatment previous primary prior progesterone prognostic progression progressive
    proliferation prostate prostatectomy proteinuria proximal pulmonary race radiation radical
    radiological radiotherapy raised rash ratio receptor recipient rectal rectum recurrence
    recurrent reduced reduction refractory region regional relapse relapsed remission renal
    resected resection residual resistant responder responders response right risk robotic
    rural sarcoma sarcomatoid screening second second-line sensitive sequential serous serum
    severe sex side single site sites size skin small smoker smoking sodium solid somatic
    spleen squamous stable stage standard starting steroid stomach stomatitis subtotal
    superficial superior supportive surgery surgical surveillance symptom symptomatic symptoms
    synchronous systemic targeted therapy thickness third three thrombocytopenia thrombocytosis
    thrombosis thyroid time tobacco total toxicity translocation transplant transplantation
    treated treatment tumor tumor-infiltrating tumors tumour tumours two type ulceration
    unchanged underweight undifferentiated unilateral unknown unmethylated unresectable
    untreated upper urban urine urothelial uterine value values vascular viral virus visceral
    volume vomiting watchful weekly weight well white wild wild-type without women worse year
    years yes young younger
"""
COMMON = frozenset(_WORDS.split())
"""Words that lose their capital inside a sentence; any other name stays as it is written."""


def name_in_text(label: str) -> str:
    """A label of the chart inside a sentence: a name stays as written, a common word is small.

    Examples
    --------
    >>> name_in_text("Male"), name_in_text("Nagoya"), name_in_text("lumA")
    ('male', 'Nagoya', 'lumA')
    >>> name_in_text("Renal Cell Carcinoma"), name_in_text("Number of metastases")
    ('Renal Cell Carcinoma', 'number of metastases')
    >>> name_in_text("Neutrophil-to-lymphocyte ratio"), name_in_text("Child-Pugh class")
    ('neutrophil-to-lymphocyte ratio', 'Child-Pugh class')
    """
    first, *others = label.split(" ")
    titled = any(w[:1].isupper() and w[1:].islower() for w in others)
    word = first.strip(",;:").lower()
    known = word in COMMON or word.split("-")[0] in COMMON or is_drug(word)
    if titled or not first[1:].islower() or not known:
        return label
    return label[:1].lower() + label[1:]


def names_in_text(labels: Sequence[str]) -> str:
    """Labels as a list in a sentence.

    Examples
    --------
    >>> names_in_text(["Age", "Sex", "ECOG status"])
    'age, sex and ECOG status'
    """
    *first, last = [name_in_text(label) for label in labels] or [""]
    return f"{', '.join(first)} and {last}" if first else last
