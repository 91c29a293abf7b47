"""Made-up papers of many kinds that are right: every figure is computed from counts.

Each function gives the blocks of one paper: sentences, and tables as (caption, header rows, body
rows, footnotes). Nothing in them may be told aloud.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class T:
    """One table."""

    caption: str
    head: Rows
    rows: Rows
    notes: str = ""


Blocks = Sequence[str | T]
KINDS: dict[str, Callable[[], Blocks]] = {}


def kind(make: Callable[[], Blocks]) -> Callable[[], Blocks]:
    KINDS[make.__name__] = make
    return make


def jats(blocks: Blocks, title: str = "Made up") -> str:
    """The paper as JATS XML; a sentence that starts with "Methods:" stands in the methods."""

    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

    def table(k: int, t: T) -> str:
        return (
            f"<table-wrap><label>Table "
            f"{k}</label><caption><p>{html.escape(t.caption)}</p></caption>"
            f"<table><thead>{''.join(row(r, 'th') for r in t.head)}</thead>"
            f"<tbody>{''.join(row(r, 'td') for r in t.rows)}</tbody></table>"
            f"<table-wrap-foot><p>{html.escape(t.notes)}</p></table-wrap-foot></table-wrap>"
        )

    said = [b for b in blocks if isinstance(b, str)]
    methods = [b.removeprefix("Methods:").strip() for b in said if b.startswith("Methods:")]
    results = [b for b in said if not b.startswith("Methods:")]
    tables = [table(k + 1, b) for k, b in enumerate(b for b in blocks if isinstance(b, T))]
    return (
        f"<article><front><article-meta><title-group><article-title>{html.escape(title)}"
        "</article-title></title-group></article-meta></front><body>"
        f"<sec><title>Methods</title><p>{html.escape(' '.join(methods))}</p></sec>"
        f"<sec><title>Results</title>{''.join(f'<p>{html.escape(s)}</p>' for s in results)}"
        f"{''.join(tables)}</sec></body></article>"
    )


def pc(count: int, n: int, digits: int = 1) -> str:
    return f"{100 * count / n:.{digits}f}"


def np(count: int, n: int, digits: int = 1) -> str:
    return f"{count} ({pc(count, n, digits)})"


def of(count: int, n: int, digits: int = 0) -> str:
    return f"{count}/{n} ({pc(count, n, digits)}%)"


def levels(names: Sequence[str], *arms: Sequence[int], digits: int = 1) -> list[tuple[str, ...]]:
    """Rows of a variable: counts of each arm with their share of the arm's sum."""
    return [
        (f"  {name}", *(np(arm[k], sum(arm), digits) for arm in arms))
        for k, name in enumerate(names)
    ]


def hr(log: float, d1: int, d0: int, z: float = 1.959964, inflate: float = 1.03) -> tuple[str, str]:
    """A hazard ratio with its Wald interval, and its p."""
    se = inflate * math.sqrt(1 / d1 + 1 / d0)
    p = math.erfc(abs(log) / se / math.sqrt(2))
    low, high = math.exp(log - z * se), math.exp(log + z * se)
    return f"{math.exp(log):.2f} ({low:.2f}-{high:.2f})", f"{p:.3f}" if p >= 0.001 else "<0.001"


ARMS = (("Characteristic", "Drug (n = 120)", "Control (n = 118)"),)


@kind
def single_arm_trial() -> Blocks:
    rows = [
        ("Sex", ""),
        *levels(["Male", "Female"], [29, 12]),
        ("ECOG", ""),
        *levels(["0", "1", "2"], [14, 22, 5]),
        ("Prior lines", ""),
        *levels(["1", "2", "3 or more"], [20, 12, 9]),
    ]
    return [
        "Forty-one patients were enrolled and 38 were evaluable for response. The overall response "
        f"rate was {pc(12, 38)}% (12/38) and the disease control rate {pc(29, 38)}% (29/38).",
        T("Patient characteristics", (("Characteristic", "All patients (n = 41)"),), rows),
        T(
            "Best response",
            (("Response", "N (%)"),),
            [
                ("Complete response", np(2, 38)),
                ("Partial response", np(10, 38)),
                ("Stable disease", np(17, 38)),
                ("Progressive disease", np(9, 38)),
                ("Not evaluable", "3"),
            ],
            "Percentages are of the 38 evaluable patients.",
        ),
    ]


@kind
def cohort_registry() -> Blocks:
    rows = [
        ("Age at diagnosis", "", ""),
        *levels(["<50", "50-69", "70 or older"], [2310, 8127, 5400], [210, 1203, 987]),
        ("Stage", "", ""),
        ("  Known", np(14210, 15837), np(2301, 2400)),
        ("    I", np(6100, 14210), np(800, 2301)),
        ("    II", np(8110, 14210), np(1501, 2301)),
        ("  Unknown", np(1627, 15837), np(99, 2400)),
    ]
    return [
        "The registry held 18,237 women, of whom 15,837 (86.8%) were screened.",
        T(
            "Characteristics by screening",
            (("", "Screened (n = 15,837)", "Not (n = 2,400)"),),
            rows,
        ),
    ]


@kind
def diagnostic_accuracy() -> Blocks:
    return [
        f"Sensitivity was {pc(45, 52)}% (45/52) and specificity {pc(61, 70)}% (61/70); the "
        f"positive "
        f"predictive value was {pc(45, 54)}% (45/54) and the negative predictive value "
        f"{of(61, 68)}. "
        f"Accuracy was {pc(106, 122)}% (106/122).",
        T(
            "Accuracy by reader",
            (("Reader", "Sensitivity, %", "Specificity, %", "Accuracy, %"),),
            [
                ("1", of(45, 52), of(61, 70), of(106, 122)),
                ("2", of(40, 52), of(65, 70), of(105, 122)),
                ("3", of(49, 52), of(50, 70), of(99, 122)),
                ("4", of(44, 52), of(60, 70), of(104, 122)),
                ("5", of(41, 52), of(59, 70), of(100, 122)),
            ],
        ),
    ]


@kind
def radiotherapy_lesions() -> Blocks:
    return [
        "Between 2010 and 2015, 84 lesions in 51 patients were treated. Local control at 1 year "
        "was "
        "91% (95% CI 84-97) and at 2 years 83% (95% CI 74-92).",
        T(
            "Lesions treated",
            (("Characteristic", "Lesions (n = 84)"),),
            [
                ("Site", ""),
                *levels(["Lung", "Liver", "Bone", "Node"], [40, 22, 12, 10]),
                ("Fractions", ""),
                *levels(["1", "3", "5"], [18, 44, 22]),
                ("Patients with more than one lesion", np(21, 51)),
            ],
        ),
    ]


@kind
def surgical_series() -> Blocks:
    return [
        "Complications occurred in 23 of 97 patients (23.7%); eight patients had two.",
        T(
            "Complications",
            (("Complication", "Patients (n = 97), n (%)"),),
            [
                ("Any complication", np(23, 97)),
                ("Bleeding", np(9, 97)),
                ("Infection", np(12, 97)),
                ("Leak", np(6, 97)),
                ("Ileus", np(4, 97)),
                ("Clavien I-II", np(17, 97)),
                ("Clavien III-IV", np(6, 97)),
            ],
            "Some patients had more than one complication.",
        ),
    ]


@kind
def samples_of_patients() -> Blocks:
    return [
        "We sequenced 143 samples of 61 patients; a mutation was found in 52 samples (36.4%).",
        T(
            "Samples",
            (("", "Samples (n = 143)", "Patients (n = 61)"),),
            [
                ("Tissue", np(71, 143), np(50, 61)),
                ("Plasma", np(60, 143), np(41, 61)),
                ("Urine", np(12, 143), np(9, 61)),
                ("KRAS mutated", np(30, 143), np(19, 61)),
                ("TP53 mutated", np(52, 143), np(30, 61)),
            ],
        ),
    ]


@kind
def meta_analysis() -> Blocks:
    return [
        "In this meta-analysis the pooled HR was 0.82 (95% CI 0.75-0.90; P for heterogeneity = "
        "0.42, "
        "I2 = 3%) and the pooled RR of toxicity 1.31 (1.10-1.56).",
        T(
            "Subgroups of the studies",
            (("Subgroup", "Studies", "HR (95% CI)", "P", "I2 (%)"),),
            [
                ("Asia", "7", "1.26 (0.92-1.74)", "0.001", "57.3"),
                ("Europe", "9", "1.88 (1.49-2.37)", "0.156", "32.5"),
                ("Reported", "5", "1.70 (1.30-2.22)", "0.61", "0"),
                ("Curve", "6", "1.05 (0.80-1.38)", "0.03", "61"),
            ],
        ),
    ]


@kind
def health_economics() -> Blocks:
    return [
        "The incremental cost was 4,310 euro (95% CI 1,200-7,950) and the chance of being "
        "cost-effective 71% at 20,000 per QALY.",
        T(
            "Costs in euro",
            (("Item", "Drug (n = 120)", "Control (n = 118)"),),
            [
                ("Drug", "8120 (2300)", "310 (120)"),
                ("Hospital", "4010 (3900)", "5200 (4800)"),
                ("Outpatient visits", "610 (210)", "480 (190)"),
                ("Total", "12740 (5100)", "5990 (4900)"),
                ("QALY", "1.62 (0.41)", "1.44 (0.44)"),
            ],
        ),
    ]


@kind
def quality_of_life() -> Blocks:
    return [
        "Global health improved by 10 points or more in 41 of 102 patients (40.2%) on drug; mean "
        "change was 4.1 (SD 18.2).",
        T(
            "EORTC QLQ-C30",
            (("Scale", "Baseline mean (SD)", "Week 12 mean (SD)", "P"),),
            [
                ("Global health", "61 (21)", "65 (20)", "0.04"),
                ("Fatigue", "38 (24)", "35 (25)", "0.20"),
                ("Pain", "30 (28)", "22 (24)", "0.001"),
                ("Physical", "77 (20)", "79 (19)", "0.31"),
            ],
        ),
    ]


@kind
def paediatrics() -> Blocks:
    return [
        "Of 66 children, 35 (53%) were boys; 12 infants (18%) were younger than 1 year.",
        T(
            "Children",
            (("", "No. of children", "%"),),
            [
                ("Boys", "35", "53"),
                ("Girls", "31", "47"),
                ("Age <1 year", "12", "18"),
                ("Age 1-5 years", "30", "45"),
                ("Age >5 years", "24", "36"),
                ("Relapse", "9", "14"),
            ],
            "n = 66",
        ),
    ]


@kind
def animal_experiment() -> Blocks:
    return [
        "Tumours grew in 7 of 8 mice (88%) of the control group and in 3 of 8 (38%) treated mice "
        "(F(2,21) = 5.12, p = 0.015).",
        T(
            "Mice with tumours",
            (("Group", "Mice", "Tumours (%)", "Metastases (%)"),),
            [
                ("Control", "8", "7 (87.5)", "5 (62.5)"),
                ("Low", "8", "5 (62.5)", "3 (37.5)"),
                ("High", "8", "3 (37.5)", "1 (12.5)"),
                ("Sham", "6", "6 (100)", "4 (66.7)"),
            ],
        ),
    ]


@kind
def survey() -> Blocks:
    return [
        "Of 412 questionnaires sent, 287 (69.7%) came back; not all questions were answered by "
        "all.",
        T(
            "Answers",
            (("Question", "Answers, n/N (%)"),),
            [
                ("Knows the guideline", of(201, 280, 1)),
                ("Follows it", of(150, 271, 1)),
                ("Would refer", of(98, 265, 1)),
                ("Had training", of(77, 287, 1)),
                ("Female", of(160, 284, 1)),
                ("Hospital", of(190, 286, 1)),
            ],
        ),
    ]


@kind
def several_models() -> Blocks:
    a, pa = hr(0.35, 60, 90)
    b, pb = hr(0.28, 58, 86, inflate=1.15)
    c, p_c = hr(0.20, 58, 86, inflate=1.4)
    return [
        "Methods: Hazard ratios are of Cox models; model 2 is adjusted for age, model 3 also for "
        "stage.",
        T(
            "Overall survival, 320 patients",
            (
                ("Variable", "Model 1", "Model 1", "Model 2", "Model 2", "Model 3", "Model 3"),
                ("Variable", "HR (95% CI)", "P", "HR (95% CI)", "P", "HR (95% CI)", "P"),
            ),
            [
                ("Male vs female", a, pa, b, pb, c, p_c),
                (
                    "Age, per 10 years",
                    "1.21 (1.04-1.41)",
                    "0.014",
                    "1.19 (1.02-1.39)",
                    "0.028",
                    "1.15 (0.98-1.35)",
                    "0.088",
                ),
            ],
        ),
    ]


@kind
def subgroup_forest() -> Blocks:
    def line(name: str, n1: int, n0: int, d1: int, d0: int, log: float) -> tuple[str, ...]:
        return (name, f"{d1}/{n1}", f"{d0}/{n0}", hr(log, d1, d0)[0])

    return [
        T(
            "Subgroups, progression-free survival",
            (("Subgroup", "Drug, events/patients", "Control, events/patients", "HR (95% CI)"),),
            [
                line("All", 120, 118, 80, 95, -0.4),
                line("Men", 70, 66, 48, 55, -0.45),
                line("Women", 50, 52, 32, 40, -0.33),
                line("<65", 61, 60, 40, 49, -0.5),
                line("65 or older", 59, 58, 40, 46, -0.3),
            ],
        ),
    ]


@kind
def competing_risks() -> Blocks:
    return [
        "Methods: Fine and Gray's model was used for the competing risk of death.",
        "The subdistribution hazard ratio of relapse was 0.71 (95% CI 0.66-0.77; p < 0.001) with "
        "n = "
        "40 and n = 42 in the groups, and the cumulative incidence 22% at 2 years in 12/40 "
        "patients.",
    ]


@kind
def restricted_means() -> Blocks:
    return [
        "The restricted mean survival time up to 24 months was 16.1 months (95% CI 15.0-17.2) with "
        "drug and 14.2 (13.1-15.3) with control, a difference of 1.9 months (95% CI 0.3-3.5) and a "
        "ratio of 1.13 (1.02-1.26; p = 0.019).",
    ]


@kind
def mixture_cure() -> Blocks:
    return [
        "In the mixture cure model the cured fraction was 31% (95% CI 24-39) with drug and 22% "
        "(16-29) with control (OR 1.59, 95% CI 0.99-2.56); the HR of the uncured was 0.90 "
        "(0.70-1.16).",
    ]


@kind
def bayesian() -> Blocks:
    return [
        "Methods: A Bayesian hierarchical model with weakly informative priors was fitted.",
        "The posterior median HR was 0.74 (95% credible interval 0.70-0.79; posterior "
        "probability of "
        "HR < 1, 0.99) for drug (n = 40) versus control (n = 41).",
    ]


@kind
def non_inferiority() -> Blocks:
    return [
        "The HR was 1.05 (one-sided 95% CI upper bound 1.19; p for non-inferiority = 0.012), below "
        "the margin of 1.23. The difference was -1.2% (one-sided 97.5% CI -6.0 to infinity).",
    ]


@kind
def group_sequential() -> Blocks:
    return [
        "At the interim analysis the HR was 0.66 (99.7% CI 0.44-0.99; p = 0.0021, boundary 0.003), "
        "and at the final one 0.70 (repeated 95% CI 0.56-0.88).",
    ]


@kind
def stratified_and_not() -> Blocks:
    return [
        "The stratified HR was 0.80 (95% CI 0.64-1.00) and the unstratified log-rank p was "
        "0.041; the "
        "stratified log-rank p was 0.053.",
    ]


@kind
def crossover_adjusted() -> Blocks:
    return [
        "Methods: The rank-preserving structural failure time model adjusted for crossover, with "
        "bootstrap intervals.",
        "The RPSFT-adjusted HR was 0.58 (95% CI 0.31-1.09), with the p-value of the "
        "intention-to-treat "
        "analysis (p = 0.012) kept by design.",
    ]


@kind
def logarithms() -> Blocks:
    return [
        T(
            "Cox models on the log scale",
            (("Variable", "log HR (95% CI)", "P"),),
            [
                ("Drug", "-0.36 (-0.62 to -0.10)", "0.007"),
                ("Stage III", "0.51 (0.20 to 0.82)", "0.001"),
                ("Age", "0.02 (0.00 to 0.04)", "0.05"),
            ],
        ),
    ]


@kind
def per_unit() -> Blocks:
    return [
        "The HR per SD of CRP was 1.12 (95% CI 1.08-1.16; p < 0.001) and per 10 years of age 1.05 "
        "(1.01-1.09), in 86 patients with and 90 without metastases.",
        T(
            "Continuous covariates",
            (("Variable", "HR (95% CI)", "P"),),
            [
                ("CRP, per 1 mg/dl", "1.02 (1.01-1.03)", "<0.001"),
                ("LDH (per 100 U/l)", "1.04 (1.02-1.06)", "<0.001"),
                ("Age (years)", "1.01 (1.00-1.02)", "0.05"),
            ],
        ),
    ]


@kind
def reversed_reference() -> Blocks:
    a, pa = hr(math.log(0.62), 48, 57)
    b, _ = hr(-math.log(0.62), 48, 57)
    return [
        f"The HR of drug versus control was {a}; p = {pa}; seen from control it was {b}.",
        T(
            "PFS",
            (("", "HR (95% CI)", "P"),),
            [("Treatment", "", ""), ("  Control", "1 (reference)", ""), ("  Drug", a, pa)],
        ),
    ]


@kind
def ninety_percent_intervals() -> Blocks:
    return [
        f"Objective responses were seen in 9 of 30 patients (30%; 90% CI 17-47). The HR was "
        f"{hr(-0.3, 20, 25, z=1.6448536)[0].replace('(', '(90% CI ')} .",
    ]


@kind
def ninety_nine_percent() -> Blocks:
    return [
        f"The HR was {hr(-0.3, 200, 225, z=2.5758293)[0].replace('(', '(99% CI ')} for drug (n = "
        f"300) "
        "versus control (n = 301).",
    ]


@kind
def decimal_commas() -> Blocks:
    rows = levels(["Male", "Female"], [70, 50], [64, 54])
    more = levels(["0", "1"], [61, 59], [50, 68])
    swap = [
        tuple(c.replace(".", ",") for c in r)
        for r in (("Sex", "", ""), *rows, ("ECOG", "", ""), *more)
    ]
    return [
        "Die Studie: median OS was 12,4 months (95% CI 10,1-14,9); 58,3% (70/120) were men.",
        T("Baseline", ARMS, swap),
    ]


@kind
def thousands_separators() -> Blocks:
    rows = [
        (name, f"{c:,} ({pc(c, 12840)})")
        for name, c in (
            ("Women", 7012),
            ("Smokers", 3310),
            ("Diabetes", 1204),
            ("Cancer", 998),
            ("Died", 1877),
        )
    ]
    return [
        "Median follow-up was 1,204 days (IQR 980-1,610; range 12-2,044).",
        T("Cohort (n = 12,840)", (("", "n (%)"),), rows),
    ]


@kind
def dashes_and_minus_signs() -> Blocks:
    return [
        "The HR was 0\u00b772 (95% CI 0\u00b760\u20130\u00b786) and the difference \u22123\u00b72% "
        "(\u22126\u00b71 to \u22120\u00b73); OS was 12.1 (10.4\u201113.9) months.",
    ]


@kind
def transposed_table() -> Blocks:
    return [
        T(
            "Baseline",
            (("Arm", "N", "Men, n (%)", "ECOG 0, n (%)", "Stage IV, n (%)", "Smokers, n (%)"),),
            [
                ("Drug", "120", np(70, 120), np(61, 120), np(80, 120), np(44, 120)),
                ("Control", "118", np(64, 118), np(50, 118), np(75, 118), np(51, 118)),
                ("All", "238", np(134, 238), np(111, 238), np(155, 238), np(95, 238)),
            ],
        ),
    ]


@kind
def subtotal_rows() -> Blocks:
    return [
        T(
            "Reasons for stopping",
            (("Reason", "Drug (n = 120)", "Control (n = 118)"),),
            [
                ("Stopped, total", np(70, 120), np(80, 118)),
                ("Medical reasons", np(50, 120), np(62, 118)),
                ("  Progression", np(35, 120), np(50, 118)),
                ("  Toxicity", np(15, 120), np(12, 118)),
                ("Other reasons", np(20, 120), np(18, 118)),
                ("  Refusal", np(12, 120), np(10, 118)),
                ("  Lost", np(8, 120), np(8, 118)),
                ("Ongoing", np(50, 120), np(38, 118)),
            ],
        ),
    ]


@kind
def denominator_in_footnote() -> Blocks:
    return [
        T(
            "Mutations",
            (("Gene", "Drug (n = 120)", "Control (n = 118)"),),
            [
                ("KRAS*", np(30, 88), np(28, 90)),
                ("BRAF*", np(8, 88), np(6, 90)),
                ("Men", np(70, 120), np(64, 118)),
                ("Stage IV", np(80, 120), np(75, 118)),
                ("ECOG 0", np(61, 120), np(50, 118)),
                ("Liver metastases", np(55, 120), np(57, 118)),
            ],
            "* of 88 and 90 patients with a sample",
        ),
    ]


@kind
def one_sided_tests() -> Blocks:
    return [
        "Methods: All p-values are one-sided.",
        "The response rate was higher (chi-squared(1) = 3.10, p = 0.039; z = 1.76, p = 0.039); "
        "HR 0.78 "
        "(95% CI 0.60-1.01; p = 0.031).",
    ]


@kind
def corrected_p_values() -> Blocks:
    return [
        "Methods: p-values were adjusted by Bonferroni's method for three comparisons.",
        "Pain was lower (t(58) = 2.40, p = 0.059) and fatigue, too (t(58) = 3.10, p = 0.009).",
    ]


@kind
def adjusted_models() -> Blocks:
    return [
        T(
            "Deaths",
            (("", "Drug (n = 120)", "Control (n = 118)", "Adjusted OR (95% CI)", "P"),),
            [
                ("Death at 30 days", np(6, 120), np(14, 118), "0.35 (0.12-0.98)", "0.046"),
                ("Infection", np(20, 120), np(31, 118), "0.51 (0.26-1.00)", "0.051"),
                ("Bleeding", np(9, 120), np(8, 118), "1.20 (0.43-3.35)", "0.73"),
                ("Readmission", np(30, 120), np(33, 118), "0.84 (0.46-1.53)", "0.57"),
            ],
        ),
    ]


@kind
def medians_with_quartiles() -> Blocks:
    return [
        T(
            "Laboratory",
            (("", "Drug (n = 120)", "Control (n = 118)", "P"),),
            [
                ("CRP, median (IQR)", "12 (4-31)", "11 (5-29)", "0.61"),
                ("LDH, median [range]", "240 [110-2,310]", "251 [98-1,980]", "0.33"),
                ("Age, mean (SD)", "61 (11)", "62 (10)", "0.46"),
                ("Men, n (%)", np(70, 120), np(64, 118), "0.52"),
                ("Age, years", "61.2 \u00b1 10.9", "62.1 \u00b1 10.2", "0.51"),
            ],
        ),
    ]


@kind
def n_over_n_rows() -> Blocks:
    return [
        T(
            "Outcomes",
            (("Outcome", "Drug", "Control", "P"),),
            [
                ("Response", of(41, 112, 1), of(25, 109, 1), "0.03"),
                ("Resection", of(20, 120, 1), of(9, 118, 1), "0.03"),
                ("Relapse", of(11, 20, 1), of(6, 9, 1), "0.69"),
                ("Death", of(60, 120, 1), of(71, 118, 1), "0.12"),
                ("Any grade 3", of(50, 117, 1), of(31, 115, 1), "0.01"),
            ],
        ),
    ]


@kind
def weighted_analysis() -> Blocks:
    return [
        "Methods: Inverse probability of treatment weighting was used.",
        "After weighting the HR was 0.80 (95% CI 0.76-0.84; p < 0.001) for drug (n = 120) versus "
        "control (n = 118).",
        T(
            "Weighted characteristics",
            (("", "Drug (n = 119.2)", "Control (n = 118.7)"),),
            [
                ("Men", "68.4 (57.4)", "67.2 (56.6)"),
                ("Stage IV", "80.1 (67.2)", "79.5 (67.0)"),
                ("ECOG 0", "55.0 (46.1)", "55.6 (46.8)"),
                ("Smokers", "47.2 (39.6)", "47.0 (39.6)"),
            ],
        ),
    ]


@kind
def imputed_analysis() -> Blocks:
    return [
        T(
            "Baseline after imputation",
            (("", "Drug (n = 120)", "Control (n = 118)"),),
            [
                ("Men", "70 (58)", "64 (54)"),
                ("Smokers", "45 (37.1)", "52 (43.7)"),
                ("Diabetes", "21 (17.2)", "18 (15.6)"),
                ("Obese", "33 (27.9)", "30 (25.1)"),
                ("Stage IV", "80 (66.7)", "75 (63.6)"),
            ],
            "Counts are of the first of 20 imputed data sets; percentages were pooled over all.",
        ),
    ]


@kind
def person_years() -> Blocks:
    return [
        T(
            "Incidence",
            (("", "Events", "Person-years", "Rate per 1,000 (95% CI)", "HR (95% CI)"),),
            [
                ("Never smokers", "120", "24,310", "4.94 (4.13-5.90)", "1"),
                ("Ex-smokers", "98", "11,240", "8.72 (7.15-10.6)", "1.77 (1.36-2.31)"),
                ("Smokers", "140", "9,870", "14.2 (12.0-16.7)", "2.87 (2.25-3.66)"),
            ],
        ),
        "There were 358 events in 45,420 person-years (7.88 per 1,000).",
    ]


@kind
def matched_pairs() -> Blocks:
    return [
        "Propensity score matching gave 88 pairs of the 120 and 190 patients.",
        T(
            "Before and after matching",
            (
                ("", "Before", "Before", "After", "After"),
                ("", "Drug (n = 120)", "None (n = 190)", "Drug (n = 88)", "None (n = 88)"),
            ),
            [
                ("Men", np(70, 120), np(130, 190), np(52, 88), np(54, 88)),
                ("Stage IV", np(80, 120), np(90, 190), np(50, 88), np(51, 88)),
                ("ECOG 0", np(61, 120), np(140, 190), np(49, 88), np(47, 88)),
                ("Smokers", np(44, 120), np(60, 190), np(33, 88), np(32, 88)),
                ("Obese", np(30, 120), np(52, 190), np(22, 88), np(24, 88)),
            ],
        ),
    ]


@kind
def multiple_answers() -> Blocks:
    return [
        T(
            "Sites of metastases (n = 97)",
            (("Site", "n (%)"),),
            [
                ("Sites of metastasis, more than one possible", ""),
                ("  Lung", np(51, 97)),
                ("  Liver", np(44, 97)),
                ("  Bone", np(30, 97)),
                ("  Brain", np(8, 97)),
                ("  Node", np(60, 97)),
            ],
        ),
    ]


@kind
def merged_levels() -> Blocks:
    return [
        T(
            "Performance (n = 97)",
            (("", "n (%)"),),
            [
                ("ECOG", ""),
                ("  0-1", np(80, 97)),
                ("  0", np(33, 97)),
                ("  1", np(47, 97)),
                ("  2", np(17, 97)),
                ("Stage", ""),
                ("  III", np(40, 97)),
                ("  IIIA", np(22, 97)),
                ("  IIIB", np(18, 97)),
                ("  IV", np(57, 97)),
            ],
        ),
    ]


@kind
def percentages_made_to_add_up() -> Blocks:
    return [
        T(
            "Regions (n = 177)",
            (("", "n (%)"),),
            [
                ("Region", ""),
                ("  North", "59 (33.4)"),
                ("  South", "59 (33.3)"),
                ("  East", "59 (33.3)"),
                ("Sex", ""),
                ("  Male", np(100, 177)),
                ("  Female", np(77, 177)),
                ("Stage", ""),
                ("  III", np(81, 177)),
                ("  IV", np(96, 177)),
            ],
        ),
    ]


@kind
def cut_off_percentages() -> Blocks:
    def cut(c: int) -> str:
        return f"{c} ({math.floor(1000 * c / 119) / 10:.1f})"

    return [
        T(
            "Baseline (n = 119)",
            (("", "n (%)"),),
            [
                ("Men", cut(70)),
                ("Stage IV", cut(80)),
                ("ECOG 0", cut(61)),
                ("Smokers", cut(44)),
                ("Obese", cut(31)),
                ("Diabetes", cut(17)),
            ],
        ),
    ]


@kind
def rounded_and_padded() -> Blocks:
    return [
        T(
            "Baseline (n = 119)",
            (("", "n (%)"),),
            [
                (name, f"{c} ({pc(c, 119, 0)}.00)")
                for name, c in (
                    ("Men", 70),
                    ("Stage IV", 80),
                    ("ECOG 0", 61),
                    ("Smokers", 44),
                    ("Obese", 31),
                )
            ],
        ),
        T(
            "Loci, number (%)",
            (("Locus", "Early", "Late", "Mixed"),),
            [
                ("A", "31 (15.0)", "170 (84.0)", "2 (1.0)"),
                ("B", "0", "203 (100.0)", "0"),
                ("C", "68 (33.5)", "127 (62.5)", "8 (4.0)"),
                ("D", "18 (9.0)", "182 (89.0)", "2 (1.0)"),
                ("E", "1 (0.5)", "201 (99.0)", "1 (0.5)"),
                ("F", "1 (0.5)", "202 (99.5)", "0"),
            ],
        ),
    ]


@kind
def heart_rates() -> Blocks:
    return [
        "Heart rate (HR) was 87 (95% CI 72-102; p = 0.225) at altitude and 94 (76-111) below.",
        T(
            "HR median (bpm) and 95% CI",
            (("Altitude", "HR median (bpm) and 95% CI", "P"),),
            [
                ("2,800 m", "87 (72-102)", "0.225"),
                ("2,900 m", "110 (93-126)", "0.249"),
                ("3,150 m", "94 (76-111)", "0.080"),
            ],
        ),
    ]


@kind
def respiratory_rates() -> Blocks:
    return [
        T(
            "Ventilators",
            (("Device", "Adult RR 15", "Child RR 30"),),
            [
                ("A", "3.63 [1.92;5.34]", "0.04 [0.04;0.00]"),
                ("B", "3.32 [1.33;5.31]", "0.07 [0.06;0.08]"),
                ("C", "6.61 [4.83;8.39]", "0.01 [0.00;0.02]"),
            ],
            "RR: respiratory rate",
        ),
    ]


@kind
def spelled_hundreds() -> Blocks:
    return [
        f"Three hundred and twelve of the patients ({pc(312, 455)}%) had a normal ECG, one hundred "
        f"forty-three patients ({pc(143, 455)}%) had not. Twenty-one patients ({pc(21, 455)}%) "
        f"died.",
    ]


@kind
def deviations_before_fractions() -> Blocks:
    return ["Overall, 3.5 \u00b1 0.7% (2902/83,189) of the collected mosquitoes were fed."]


@kind
def intervals_in_a_list() -> Blocks:
    return [
        "The 3-year PFS was higher (90.9% vs. 44.4%, 95% CI 73.7%-100% vs. 11.9%-76.9%, P < "
        "0.001). "
        "Median OS was 12.1 and 9.4 months (95% CI 10.0-14.1 and 7.7-11.2).",
    ]


@kind
def repeated_measures() -> Blocks:
    return [
        "Methods: Repeated-measures ANOVA was used.",
        "There was no effect of protocol for cost, F(2,28) = 0.11, p = 0.83, nor for load, "
        "F(2,28) = 4.10, p = 0.044.",
    ]


@kind
def degrees_the_other_way_round() -> Blocks:
    return ["Training day mattered (F(18,2) = 6.041, p = 0.010)."]


@kind
def doses_and_scores() -> Blocks:
    return [
        "Doses were reduced to 15/80 (27.9%) mg; blood pressure fell from 150/90 (5%) to 120/80 "
        "mmHg. "
        "Visual acuity was 20/40 (12%) or better in 12 eyes (60%).",
    ]


@kind
def kaplan_meier_beside_counts() -> Blocks:
    return [
        "At 5 years 30/120 patients (38%) had relapsed by the Kaplan-Meier method. Survival at 2 "
        "years "
        "was 61% (40 of 118 patients died).",
        T(
            "Relapse",
            (("", "Relapses, n", "5-year Kaplan-Meier rate (%)"),),
            [("Drug", "30", "38"), ("Control", "44", "51"), ("All", "74", "45")],
        ),
    ]


@kind
def adverse_events_of_exposed() -> Blocks:
    n = 41
    return [
        T(
            "Adverse events (n = 41)",
            (("Event", "Any grade", "Grade 3-4"),),
            [
                ("Any adverse event", np(39, n), np(15, n)),
                ("Any event leading to discontinuation", np(4, n), np(3, n)),
                ("Any serious event", np(11, n), np(9, n)),
                ("Fatigue", np(22, n), np(3, n)),
                ("Rash", np(15, n), np(1, n)),
                ("Nausea", np(19, n), np(0, n)),
                ("Anaemia", np(12, n), np(4, n)),
                ("Number of events", "212", "31"),
            ],
        ),
    ]


@kind
def adverse_events_by_cycle() -> Blocks:
    return [
        T(
            "Toxicity per cycle (204 cycles of 41 patients)",
            (("Toxicity", "Cycles (%)", "Patients (%)"),),
            [
                ("Neutropenia", np(66, 204), np(20, 41)),
                ("Anaemia", np(80, 204), np(25, 41)),
                ("Thrombopenia", np(31, 204), np(12, 41)),
                ("Nausea", np(90, 204), np(27, 41)),
                ("Fever", np(9, 204), np(6, 41)),
            ],
        ),
    ]


@kind
def response_by_centre_and_review() -> Blocks:
    return [
        T(
            "Response",
            (("", "Investigator (n = 97)", "Central review (n = 91)"),),
            [
                ("Complete response", np(4, 97), np(2, 91)),
                ("Partial response", np(30, 97), np(25, 91)),
                ("Stable disease", np(41, 97), np(40, 91)),
                ("Progressive disease", np(18, 97), np(20, 91)),
                ("Not evaluable", np(4, 97), np(4, 91)),
                ("Confirmed response", np(29, 97), np(24, 91)),
            ],
        ),
        f"The ORR was {pc(34, 97)}% by investigators and {pc(27, 91)}% by central review.",
    ]


@kind
def screening_flow() -> Blocks:
    return [
        "Of 540 patients screened, 302 (55.9%) were eligible, 238 (78.8% of those eligible) were "
        "randomised and 229 (96.2%) treated; 211 (92.1%) were analysed.",
    ]


@kind
def flat_table_without_indents() -> Blocks:
    return [
        T(
            "Characteristics",
            (("", "Drug (n = 120)", "Control (n = 118)", "P"),),
            [
                ("Sex", "", "", ""),
                ("Male", np(70, 120), np(64, 118), "0.52"),
                ("Female", np(50, 120), np(54, 118), ""),
                ("Nephrectomy", np(90, 120), np(80, 118), "0.22"),
                ("Bone metastases", np(33, 120), np(40, 118), "0.30"),
                ("Brain metastases", np(9, 120), np(8, 118), "0.83"),
            ],
        ),
    ]


@kind
def split_header() -> Blocks:
    return [
        T(
            "Characteristics",
            (
                ("", "Treatment", "Treatment"),
                ("", "Drug", "Control"),
                ("", "(n = 120)", "(n = 118)"),
                ("", "n (%)", "n (%)"),
            ),
            [
                ("Male", np(70, 120), np(64, 118)),
                ("Stage IV", np(80, 120), np(75, 118)),
                ("ECOG 0", np(61, 120), np(50, 118)),
                ("Smokers", np(44, 120), np(51, 118)),
                ("Obese", np(30, 120), np(29, 118)),
            ],
        ),
    ]


@kind
def sizes_in_the_caption() -> Blocks:
    return [
        T(
            "Characteristics of the 120 patients on drug and the 118 on control; percentages in "
            "brackets",
            (("", "Drug", "Control"),),
            [
                ("Male", np(70, 120), np(64, 118)),
                ("Stage IV", np(80, 120), np(75, 118)),
                ("ECOG 0", np(61, 120), np(50, 118)),
                ("Smokers", np(44, 120), np(51, 118)),
                ("Obese", np(30, 120), np(29, 118)),
            ],
        ),
    ]


@kind
def row_percentages() -> Blocks:
    return [
        T(
            "Response by group",
            (("Group", "Responders, n (%)", "Non-responders, n (%)"),),
            [
                (name, np(a, a + b), np(b, a + b))
                for name, a, b in (
                    ("Men", 20, 50),
                    ("Women", 14, 36),
                    ("<65", 19, 42),
                    ("65 or older", 15, 44),
                    ("ECOG 0", 21, 40),
                    ("ECOG 1", 13, 46),
                )
            ],
        ),
    ]


@kind
def new_size_in_mid_table() -> Blocks:
    return [
        T(
            "Outcomes",
            (("", "Drug", "Control"),),
            [
                ("Intention to treat", "n = 120", "n = 118"),
                ("Response", np(41, 120), np(25, 118)),
                ("Death", np(60, 120), np(71, 118)),
                ("Relapse", np(30, 120), np(44, 118)),
                ("Per protocol", "n = 101", "n = 97"),
                ("Response", np(40, 101), np(24, 97)),
                ("Death", np(49, 101), np(55, 97)),
                ("Relapse", np(25, 101), np(35, 97)),
            ],
        ),
    ]


@kind
def eyes_and_knees() -> Blocks:
    return [
        T(
            "Eyes (84 eyes of 61 patients)",
            (("", "Eyes, n (%)"),),
            [
                ("Right", np(44, 84)),
                ("Left", np(40, 84)),
                ("Retinal detachment", np(11, 84)),
                ("Cataract", np(30, 84)),
                ("Men", np(33, 61)),
                ("Diabetes", np(12, 61)),
            ],
        ),
    ]


@kind
def missing_said_in_words() -> Blocks:
    return [
        T(
            "Characteristics (n = 120)",
            (("", "n (%)"),),
            [
                ("Grade", ""),
                ("  1", np(20, 108)),
                ("  2", np(50, 108)),
                ("  3", np(38, 108)),
                ("  Unknown", "12"),
                ("Sex", ""),
                ("  Male", np(70, 120)),
                ("  Female", np(50, 120)),
                ("Smoking", ""),
                ("  Never", np(60, 117)),
                ("  Ever", np(57, 117)),
                ("  Missing", "3"),
            ],
        ),
    ]


@kind
def two_trials_in_one() -> Blocks:
    return [
        "Study 1 enrolled 120 patients and study 2 enrolled 97 patients. Median PFS was 5.1 "
        "months in "
        "study 1 and 6.3 months in study 2; median OS was 4.9 months in patients with brain "
        "metastases.",
        "In the first part 41 of 120 (34.2%) responded, in the second 33 of 97 (34.0%).",
    ]


@kind
def landmark_of_arms() -> Blocks:
    return [
        "OS at 1 year was 61% with drug and 55% with control; at 2 years it was 41% with drug "
        "and 57% "
        "in the responders. Survival at 12 and 24 months was 61% and 41%, respectively.",
    ]


@kind
def crossing_p_and_interval() -> Blocks:
    return [
        T(
            "OS",
            (("", "Drug (n = 120)", "Control (n = 118)"),),
            [
                ("Events", "80", "88"),
                ("Median, months (95% CI)", "20.1 (17.0-24.2)", "17.4 (14.9-20.6)"),
                ("HR (95% CI)", "0.79 (0.58-1.07)", ""),
                ("P (stratified log-rank)", "0.049", ""),
            ],
        ),
    ]


def _years(arms: Sequence[float], counts: Sequence[int]) -> list[str]:
    """Events and events per 100 years of exposure, one cell for each arm."""
    return [f"{c} ({100 * c / y:.1f})" for c, y in zip(counts, arms, strict=True)]


_FREQUENT = (("Any event", 34, 33, 138, 232), ("Infection", 8, 7, 14, 22),
             ("Headache", 4, 9, 3, 18),
             ("Acne", 5, 6, 5, 7), ("Fatigue", 3, 2, 4, 3), ("Cough", 2, 4, 2, 5),
             ("Rash", 3, 4, 9, 8), ("Nausea", 6, 2, 6, 9), ("Death", 1, 0, 1, 1),
             ("Zoster", 0, 1, 2, 1), ("Anaemia", 1, 2, 2, 1), ("Lymphopenia", 2, 1, 3, 2),
             ("Neutropenia", 1, 1, 4, 4), ("Liver", 3, 2, 1, 3), ("Renal", 2, 1, 2, 1))  # fmt: skip


def _exposure(head: Sequence[str], sign: str) -> Blocks:
    """Shares of patients in two columns, events per 100 years in two more."""
    rows: list[tuple[str, ...]] = []
    for k, (name, a, b, c, d) in enumerate(_FREQUENT):
        if k == 1:
            rows.append(("Most frequent events (>5% in any arm)", "", "", "", ""))
        shares = [f"{a} ({pc(a, 46)}{sign})", f"{b} ({pc(b, 49)}{sign})"]
        rows.append((name, *shares, *_years((43.8, 53.3), (c, d))))
    return [T("Treatment-emergent adverse events", (tuple(head),), rows)]


@kind
def events_per_hundred_years() -> Blocks:
    low, high = ("Any drug, E (E/100 PYs)/low (n = 49)", "Any drug, E (E/100 PYs)/high (n = 68)")
    return _exposure(("", "Period 1, n (%)/placebo (n = 46)", "Drug (n = 49)", low, high), "%")


@kind
def events_per_years_without_signs() -> Blocks:
    heads = ("Low, events (rate)", "High, events (rate)")
    return _exposure(("", "Placebo (n = 46), n (%)", "Drug (n = 49), n (%)", *heads), "")


@kind
def signs_at_some_columns_only() -> Blocks:
    return _exposure(
        ("", "Placebo (n = 46)", "Drug (n = 49)", "Low (n = 49)", "High (n = 68)"), "%"
    )


@kind
def events_beside_patients() -> Blocks:
    rows = [(name, f"{a} ({a + k})", f"{b} ({b + 2 * k})")
            for k, (name, a, b, _, _) in enumerate(_FREQUENT, 1)]  # fmt: skip
    return [T("Adverse events in more than 2% of patients",
              (("", "Drug (n = 120) n (E)", "Control (n = 118) n (E)"),), rows)]  # fmt: skip


@kind
def exposure_adjusted_rates() -> Blocks:
    heads = [f"{arm}, n (EAIR per 100 patient-years)" for arm in ("Drug", "Control")]
    rows = [(name, *_years((143.1, 139.6), (c, d))) for name, _, _, c, d in _FREQUENT]
    return [T("Adverse events, n (%) where shown", (("", *heads),), rows)]


@kind
def two_variables_in_one_block() -> Blocks:
    """A heading that a reader may miss: the median below belongs to another measurement."""
    return [
        T(
            "Characteristics at baseline",
            (("", "Drug (n = 1753)", "Control (n = 1691)"),),
            [
                ("Filtration rate (ml/min)", "", ""),
                ("Mean (SD)", "38.8 (14.7)", "36.4 (12.9)"),
                ("<45", np(507, 1753), np(599, 1691)),
                (">=45 Albumin (mg/g)", np(1246, 1753), np(1092, 1691)),
                ("Median (IQR)", "261 (35-987)", "273 (35-992)"),
            ],
        ),
    ]
