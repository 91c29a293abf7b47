"""Sentences that are right, or may be: nothing is said aloud of any of them."""

from __future__ import annotations

import pytest

from oncohort.audit import audit_report

pytestmark = pytest.mark.usefixtures("rules_alone")

RIGHT = """\
Adherence was between 9% (2010/11) and 47% (2009/10) of the 10 and 11 centres.
In two out seven (28.6%) laboratories the test was made in house.
Vision improved to 20/40 (72%) in the treated eyes, and 20/20 (35%) in the others.
Snellen 20/40 or better was reached by most eyes, 20/25 (48%) at one year.
Visual acuity was 6/12 (43%) or better.
Patients with a titre of 1/80 (12%) were retested, as were those with 1/160 (7.5%).
Serum was diluted 1/100 (20%) before use.
Most mothers scored 8/10 (30%) or 9/10 (45%) on the pain scale.
Apgar was 8/9 (60%) in the first group.
Muscle power was 4/5 (35%) in the right arm.
Quit rates were 23.4% (16/78) after multiple imputation.
The weighted prevalence was 35.2% (120/400).
Predicted probability of relapse was 12% (5/60).
The 5-year cumulative incidence was 18% (10/80).
Cause-specific recurrence was 21.6% (265/1248) in one group and 19.4% (238/1250) in the other.
Complications occurred in 5 and 7 of 20 patients (60%).
Among the 120 patients 30 of 45 responders (25%) were women.
The geometric mean (CV%) of Cmax was 23 (45.6%) in 12 (50.0%) patients.
Mean AUC was 45 (12.3%) and clearance 11 (65.8%).
In 2015 (38.5%) and 2016 (41.2%) rates were similar.
The response rate was 45% (95% CI, 0.30 to 0.61).
Overall survival at 2 years was 56.6% (95% CI, 0.45 to 0.70).
Median follow-up was 2 years and 5 months (IQR 12-52 months).
Median overall survival was 1.5 years (95% CI, 14-22).
Median follow-up was 3 years, 2 months (range, 2-60 months).
Median PFS was 8 months and 3 days (95% CI 7.1-9.4 months).
Age correlated with volume (r(2) = 0.79, p < 0.0001).
Groups did not differ, χ2(90) = 0.89, p = .35.
Groups did not differ, χ2(1) = 3.9, p = .07.
Groups did not differ (χ2(1) = 0.001, p = 1.00).
It differed (t(38) = 4.61, p = 4.5e-05).
It differed (F(1, 40) = 25.1, p = 0.11e-4).
It differed (t(38) = 4.61, p = 4.5 × 10-5).
It differed (t(38) = 4.61, p = 4.5·10−5).
They correlated (r(25) = -.275, p = .19).
Mortality did not differ (HR 1.05, 95% CI 0.90-1.22, p < 0.001 for noninferiority).
The drug was noninferior (HR 1.02; 95% CI, 0.90-1.15; P < .001).
Relative risk reduction was 24% (95% CI 0.62-0.93).
The odds ratio was 1.8 (1.2, 2.7).
The hazard ratio was 1.23 (95% CI, 3-45%).
Risk fell by a third (RR 0.67; 95% CI 12 to 50%).
HR was 0.71 (97.5% CI 0.55-0.92).
Heart rate (HR) was 72 (60-81) and RR 16 (14-18).
The log hazard ratio was -0.35 (95% CI -0.6 to -0.1).
The hazard ratio was 0.5 (95% CI 0.3-0.9) versus 0.8 (0.5-1.2).
The adjusted OR per 10-point increase was 0.90 (0.86-0.95).
Median change was -2.3 (range -4.1 to -0.5).
Median change was −0.5 (IQR −1.0 – 0.2).
Sensitivity was 85% (17/20) and specificity 90% (18/20).
Overall, 12 of 50 patients (24%; 95% CI 13-38) responded.
HR of death 0.80 (95% CI, 0.66–0.97; P=0.02), HR of progression 0.70 (0.60–0.82; P<0.001).
Survival was 78% at 1 year, 60% at 2 years and 45% at 3 years.
The 1-, 2- and 3-year OS rates were 80%, 60% and 40%; the 5-year PFS rate was 35%.
OS at 2 years was 61% in arm A and at 5 years 65% in arm B.
Event-free survival was 70% (35/48) at five years.
Freedom from relapse was 86% (40/50).
Reoperation-free survival at ten years was 0.86 (95% CI 0.80–0.92).
Complete remission was seen in 24 of 40 patients (60%), of whom 12 (50%) relapsed.
Almost 70% (447 of 655) of the users stopped, and approximately 40% (94/247) of the others.
Just over 30% (31/96) and nearly 25% (12/50), ~20% (21/110) and ≈ 60% (57/96) were women.
The 6-month PFS rates were 54% (14 of 26) in arm A and 57% (14 of 24) in arm B.
Of the men 39 (72%) of 54 stayed free of recurrence, 33 (61%) of 55 in the other arm.
We randomized 82 people; adherence was 82.5% (n = 40) of participants and 78.6% (n = 42) of others.
Deaths: 3/120 (2.5%) v 5/118 (4.2%); adjusted risk difference -1.8% (95% CI -6.3 to 2.7).
Respondents agreed in 45/60 (76%) after weighting by region.
The mean proportion of days covered was 45% (27/90).
On average 35% (7/20) of items were correct and, adjusted for guessing, 28% (7/20).
Adherence was 92% (11/12 doses) and 8 of 9 (88%) visits.
A total of 1,204 of 2,408 (50.0%) women and 602 (25.0%) men.
Of 240 eligible patients 120 (50%) were randomised, 60 (25%) refused, 60 (25%) were not reached.
Loss to follow-up was 12% (12/102) and 14% (14/101).
Cure was reached in 22 of 25 (88.0%) and 20 of 24 (83.3%) participants.
Patients received 5/7 (12%) or 7/7 (88%) days of treatment.
Of the 200 women, 14 had disease: 12/200 (6%) cancer in situ and 2/200 (1%) invasive (7% in all).
The event rate was 4.9% per year (12/98).
The annualised rate was 12.2% (20/150).
Hospital mortality was 12.5% (10/80), and 28-day mortality by Kaplan-Meier 14% (10/80).
Infection rates were 7.8% (12/160) and 5.1% (8/160) per 100 catheter days.
Positive predictive value 93% (95% CI 0.86-0.98).
Kappa was 0.72 (95% CI 0.60-0.85), agreement 86% (43/50).
Ten of 40 patients (25%) and fifteen of 60 (25%) had it.
Half of them, 21/42 (50%), and a third, 14/42 (33%).
Cohort 1 (n=12) and 2 (n=14); 9 (75%) and 10 (71%) responded.
Two thirds (66.7%, 12/18) and a quarter (25%; 6/24).
The rate ratio was 0.85 (0.77 to 0.94), 1.2% vs 1.4%, risk reduction 0.2% (0.1 to 0.3).
An ORR of 40% (16/40; 95% CI, 25–57%) and a DCR of 80% (32/40; 64–91) were seen.
HR for OS 0.7 [0.5; 0.98], p=0.04.
The OR was 2.0 (SE 0.3), 95% CI 1.5–2.7.
An OR of 1.3 (1.1 to 1.5) per SD, and 0.8 (P = .03; 95% CI .65-.98) for women.
Mean difference 2.1 (95% CI 1.0-3.2; p<0.001); RR 1.1 (0.9–1.4; p=0.3).
The incidence rate was 12.1 (95% CI 10–14) vs 9.1 (7–12), rate ratio 1.33 (1.0-1.7).
Median age was 61 (range 34-80), median BMI 24.1 (IQR 21.9–27), median PSA 5.0 (3.1-8.8).
Median duration was 12 weeks (range, 1-52 weeks), follow-up 14 months (2 days to 30 months).
Median time to response was 1.9 months (range 1.0 week to 6.1 months).
Median follow-up was 12.1 months (range 0.5-4.2 years).
Median OS was 18 months in A and 12 in B (95% CI 15-22 and 10-14, respectively).
Median PFS was 5.1 v 3.9 months (95% CI, 4.4 to 6.0 v 3.1 to 4.7 months).
Median PFS was 11.0 months (95% CI, 9.2 to not reached) and OS was not reached (95% CI, 20.1 to NE).
The 6-month PFS was 50% (80% CI 42–58%).
z = 1.65, p = 0.049 (one-sided), while z = 2.33, p = 0.02.
F(2, 57) = 3.16, p = 0.05, partial eta squared 0.10.
t(57) = 1.67, p = 0.05, one-tailed.
U = 120, z = -1.9, p = 0.06; H(2) = 6.1, p = 0.047.
The interaction was significant, F(1, 58) = 4.01, p < .05.
t(58) = 2.01, p < .05 (Bonferroni), F(2.4, 136.1) = 3.4, p = .03.
t(df = 58) = 2.01, p = 0.049; t = 2.01, df = 58, p = .049.
More than 90% (6,418/7,022) of the farms and over 60% (1,325 of 2,078) had few workers.
Only lymph nodes predicted it (HR 3.5, IC: 2,2-5,3; p=0.01).
Levels mattered (OR = 1.682; 95% CI 1199–2358; p = 0,003).
Scores were normal by Kolmogorov and Smirnov (Z = 0.607, p = 0.855; Z = 1.729, p = 0.005).
They differed, z = 1.729, p = 0.005.
They were related, r(25) = .275, p = .61.
Position mattered (F(15,1350) = 1.85, p = .03), and conditions did (F(1, 4606) = 1.49, p = .23).
Performance differed by a Wilcoxon test (z = 4.02; p < 0.0001, z = 3.31; p < 0.0001).
One plate was present in 23 individuals (90%) and two in 2 (10%) among 25 specimens.
Nine in ten, 90% (46/50), and 8 in 50 (84%) did not.
HPV 16/18 (45%) was found in most samples, and HPV 6/11 (12%) in few.
Infection with HPV types 16/18 (93%) was less frequent.
Mutations of exon 19/21 (46%) were most common.
Donors were HLA 7/8 (14%) or 8/8 (86%) matched.
Salmeterol/fluticasone 50/500 (20%) was used by a minority, co-trimoxazole 160/800 (21%) by more.
BI-RADS 4/5 (12%) lesions and PI-RADS 4/5 (45%) lesions were sampled.
Chromosome 1/19 (40%) codeletion and trisomy 13/18 (12%) were tested.
Interleukin 12/23 (45%) inhibitors, CDK4/6 (30%) inhibitors and COX 1/2 (20%) inhibitors.
The 4/6 (15%) rule was applied.
At week 24 response was 60.0% (45/78) with last observation carried forward.
At week 24 response was 60.0% (45/78; LOCF).
Vaccine efficacy was 65.2% (12/1,500 versus 35/1,490).
Wald χ2(1) = 4.2, p = .04; LR χ2 (3) = 7.9, p = .048.
""".splitlines()

WRONG = """\
A response was seen in 12 (25%) of 50 patients.
A response was seen in 12/50 (25%) of them.
Nausea was reported by 317 (96%) of 325 patients.
The pathologic rate was 33.6% (46 of 134) in the second group.
Vision was better in 20/42 (72%) of the eyes.
Of 41 patients, 7 of 12 (71%) with the mutation responded.
The hazard ratio was 0.80 (95% CI 0.60-1.10; p = 0.0001).
Median follow-up was 7.0 years (IQR 4.5-6.3).
Median follow-up was 3 years and 2 months (IQR 12-30 months).
The 2-year overall survival was 56.6% (95% CI, 60.0 to 70.0).
""".splitlines()
"""Siblings of the right ones with a contradiction that nothing explains."""
FRAMES = (
    "Results\n\n{}\n",
    "Abstract\n\nMethods: We randomized 240 patients.\n\nResults: {}\n\nConclusions: It worked.\n",
)


def loud(text: str) -> list[str]:
    return [str(f) for f in audit_report(text).shown()]


@pytest.mark.parametrize("frame", FRAMES, ids=("results", "abstract"))
@pytest.mark.parametrize("said", RIGHT)
def test_nothing_is_said_of_right_sentences(said: str, frame: str) -> None:
    assert loud(frame.format(said)) == []


@pytest.mark.parametrize("frame", FRAMES, ids=("results", "abstract"))
@pytest.mark.parametrize("said", WRONG)
def test_contradictions_are_told(said: str, frame: str) -> None:
    assert len(loud(frame.format(said))) == 1


OTHERS = (
    "They were related, r(25) = .30, p = .13, and r(25) = .50, p = .008.",
    "Others had z = 1.60, p = 0.11, and z = 2.10, p = 0.036.",
    "Ages differed, t(38) = 2.05, p = .047.",
    "Sites differed, chi-squared(2) = 7.1, p = .029.",
)


@pytest.mark.parametrize(
    ("said", "others"),
    [
        ("They were related, r(25) = .275, p = .61.", OTHERS[0]),
        ("They differed, z = 1.729, p = 0.005.", OTHERS[1]),
        ("They differed, t(38) = 4.61, p = 0.45.", OTHERS[2]),
        ("They differed, chi-squared(2) = 3.9, p = .64.", OTHERS[3]),
    ],
)
def test_other_figures_of_the_kind_confirm_the_reading(said: str, others: str) -> None:
    assert loud(FRAMES[0].format(said)) == []
    assert loud(FRAMES[0].format(others)) == []
    assert len(loud(FRAMES[0].format(f"{others} {said}"))) == 1


PAPERS = [
    (
        "The ORR was 40% (32/80). Median PFS was 8.1 months and median OS 20.3 months.",
        "A total of 80 patients were enrolled. The ORR was 35% by independent review. Median "
        "PFS was 7.4 months by central review. Median OS was 20.3 months.",
    ),
    (
        "Median OS was 20.3 months.",
        "With longer follow-up median OS was 22.0 months. Median OS in men was 18.2 months.",
    ),
    (
        "ORR 40%.",
        "The confirmed ORR was 35.0% (28/80), unconfirmed 40.0% (32/80). DCR was 80%.",
    ),
    (
        "Median PFS was 8.1 months.",
        "Median PFS was 8.1 months in the full set and 9.0 months in the per-protocol set. "
        "Median PFS2 was 14 months.",
    ),
    (
        "Complete response was seen in 8 (10%), partial in 24 (30%), stable disease in 30 "
        "(37.5%), progressive disease in 14 (17.5%) patients.",
        "Four patients (5%) were not evaluable. The response rate among evaluable patients "
        "was 42% (32/76).",
    ),
    (
        "The 1-year OS was 78% and the 2-year PFS was 30%.",
        "OS at 1 year was 78%, PFS at 1 year 45%, OS at 3 years 40%. In responders OS at 3 "
        "years was 85%.",
    ),
    (
        "Grade 3 events occurred in 30 (37.5%) patients.",
        "Any event occurred in 76 (95%); fatigue in 40 (50%), grade 3 in 6 (7.5%); of grade 4"
        " in 2 (2.5%). Serious events occurred in 20 patients (25%) and 34 events were "
        "serious.",
    ),
    (
        "Deaths occurred in 45 patients (56%).",
        "At the cutoff 45 patients had died and 60 had progressed. At the later cutoff 52 "
        "patients had died.",
    ),
    (
        "The median age was 61 (range 34-80) years.",
        "The median age of women was 59 (range 40-78) and of men 63 (34-80).",
    ),
    (
        "Median follow-up was 24 months (range 2-60).",
        "Median follow-up of survivors was 30 months. The median follow-up time was 26.5 "
        "months by the reverse Kaplan-Meier method.",
    ),
    (
        "PFS was longer with high than with low expression (HR 0.55, 95% CI 0.33-0.92, p = 0.02).",
        "In the multivariable model the HR was 0.60 (95% CI 0.34-1.05, p = 0.07). Unadjusted "
        "HR 0.55 (0.33-0.92), log-rank p = 0.03.",
    ),
    (
        "High CRP was associated with shorter OS (HR 2.1, 95% CI 1.2-3.7, p = 0.009).",
        "Low CRP was associated with longer OS (HR 0.48, 95% CI 0.27-0.83, p = 0.009).",
    ),
    (
        "Of 100 screened, 80 were enrolled; 76 were evaluable for response and 78 for safety.",
        "Twenty patients (20%) failed screening. Of the 80, 2 (2.5%) were never treated. "
        "Response was seen in 30 of 76 (39.5%) and rash in 20 of 78 (25.6%).",
    ),
    (
        "Median time to response was 1.9 months and median duration of response 11 months; "
        "median PFS was 8.1 months.",
        "Median treatment duration was 9.2 months, as treatment beyond progression was allowed.",
    ),
    (
        "Median PFS was 12.0 months (95% CI 9.5-14.1) and median OS 11.2 months (95% CI 8-not"
        " reached) in the 12 patients of cohort B.",
        "Cohort A had 68 patients.",
    ),
    (
        "In 25 patients (31%) the dose was reduced; 10 (12.5%) stopped for toxicity.",
        "Dose reductions were needed in 31.3% (25/80): once in 20 (25%), twice in 5 (6.3%).",
    ),
    (
        "The RR was 16 (14-18) breaths per minute and HR 80 (60-100) beats per minute.",
        "HR rose to 95 (70-120). SpO2 was 97% (93-100).",
    ),
    (
        "VAF was 12% (3/25 reads), and 5 of 12 samples (42%) were positive.",
        "ctDNA was found in 60% (36/60) of samples of 30 (37.5%) patients.",
    ),
    (
        "At 12 weeks 18/40 (45%) v 9/38 (24%) had improved (RR 1.9, 95% CI 0.98 to 3.7; NNT 5).",
        "RR 1.90 (0.98 to 3.69), risk difference 21% (95% CI 1% to 42%).",
    ),
    (
        "Kappa 0.61 (95% CI 0.4-0.8); ICC 0.85 (0.77-0.9); AUC 0.78 (0.70-0.86), sensitivity "
        "78% (39/50), specificity 70% (35/50), PPV 72% (39/54), NPV 76% (35/46).",
        "LR+ 2.6 (1.7-4.0), LR- 0.31 (0.19-0.52); DOR 8.3 (3.4-20).",
    ),
]
"""What an abstract says, and what the results say: of other patients, times or readers."""
PAPER = (
    "Abstract\n\nMethods: We treated 80 patients.\n\nResults: {}\n\nConclusions: Fine.\n\n"
    "Results\n\n{}\n\n"
)


@pytest.mark.parametrize(("abstract", "results"), PAPERS)
def test_nothing_is_said_of_right_papers(abstract: str, results: str) -> None:
    assert loud(PAPER.format(abstract, results)) == []


def test_a_median_that_differs_is_told() -> None:
    cohort = "A total of 80 consecutive patients were included. The 80 patients did well."
    said = PAPER.format("Median OS was 20.3 months.", f"{cohort} Median OS was 18.2 months.")
    assert len(loud(said)) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("A response was seen in 62 of 45 patients (80%).", 1),
        ("A response was seen in 36/45 (80%), and in 52/45 (60%).", 1),
        ("Men and women were 30/20 (60%).", 0),
        ("Of 61 patients, 70 (80%) responded.", 1),
        ("Among the 61 treated patients, 70 (80%) patients had a response.", 1),
        ("Of 61 patients, 70 (80%) lesions were treated.", 0),
        ("Of 61 patients, 50 (80%) responded.", 0),
        ("In 2009/10 (47%) and in 2010/11 (9%) of the 10 patients washed their hands.", 0),
        ("Pressure was 120/80 (45%) of the time.", 0),
        ("Growth was 62 of 45 patients (138%).", 0),
    ],
)
def test_a_part_that_is_more_than_its_whole(said: str, told: int) -> None:
    assert len(loud(FRAMES[0].format(said))) == told


RESPONSES = (
    "Abstract\n\nResults: Of the 25 patients, 3 (12%) achieved a complete response (CR), 8 (32%) a "
    "partial response (PR), 6 (24%) had stable disease (SD), and 8 (32%) had progressive disease "
    "(PD).\n\nResults\n\nA total of 25 patients were treated. All 25 patients were evaluable. {}\n"
)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The overall response rate was 56.3%.", 1),
        ("The overall response rate (CR+PR+SD) was 56.3%.", 0),
        ("In the 9 non-GBM patients, the overall response rate was 88.7%.", 0),
    ],
)
def test_a_response_rate_is_that_of_the_responses_and_patients_counted(
    said: str, told: int
) -> None:
    assert len(loud(RESPONSES.format(said))) == told
