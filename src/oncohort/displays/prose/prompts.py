"""What only the author can write: questions to answer, with the study's own numbers in them."""

from __future__ import annotations

from oncohort.displays.paper import Prompts
from oncohort.displays.reading import Desk
from oncohort.displays.spans import Piece, Spans, count_noun, listed, say, spans


def _all(*items: Piece) -> tuple[Spans, ...]:
    return tuple(s for item in items if (s := spans(item)))


def introduction(desk: Desk) -> Prompts:
    """Why the study was made."""
    return Prompts(
        "introduction.md",
        "The introduction is yours.",
        _all(
            "What is known about this treatment in this group of patients, and from which studies?",
            "What is not known, and why does it matter at the bedside?",
            "What was the question of this study, and was it set before the data were seen?",
        ),
    )


def conclusion(desk: Desk) -> Prompts:
    """What follows for the reader."""
    return Prompts(
        "conclusion.md",
        "The conclusion is yours.",
        _all(
            "What does the study show, in one sentence that its intervals bear out?",
            "What should be done or studied next?",
        ),
    )


def discussion(desk: Desk) -> Prompts:
    """Questions that the results raise."""
    medians = [
        say(
            "{e} {m}",
            e=desk.short(e),
            m="not reached"
            if desk.number(f"survival.{e}.median") is None
            else desk.with_ci(f"survival.{e}.median", unit=desk.unit),
        )
        for e in desk.endpoints()
    ]
    main: Piece = ""
    if medians:
        main = say("Say the main finding first (medians: {m}).", m=listed(medians))
    elif desk.has("response.orr.percent"):
        main = say(
            "Say the main finding first (response rate {r}).",
            r=desk.with_ci("response.orr.percent", unit="%"),
        )
    earlier = desk.numbers.section("historical") is not None
    screening = desk.protocol.prognosis and desk.protocol.prognosis.selection == "screening"
    return Prompts(
        "discussion.md",
        "The discussion is yours. These are questions that a reviewer will ask.",
        _all(
            main,
            "How do the figures compare with the earlier studies shown, and how did their patients "
            "differ?"
            if earlier
            else "Which earlier studies should the figures be set beside? Declare them as "
            "[historical.*] to have them drawn.",
            "Do the intervals allow a benefit, or its absence, that would matter to patients?",
            "Could the prognostic factors come from screening by p-value? Were they found before?"
            if screening
            else "",
            "Which adverse events decided dose and stopping, and are they manageable elsewhere?"
            if desk.numbers.section("safety") is not None
            else "",
            "To whom can the result be applied?",
        ),
    )


def limitations(desk: Desk) -> Prompts:
    """What limits this study, as far as the data show it."""
    items: list[Piece] = [
        say(
            "Retrospective design; {n} {p}: intervals are wide where events are few.",
            n=desk.whole(),
            p=count_noun(desk.context.n, "patient"),
        )
    ]
    rule = desk.protocol.prognosis
    for e in desk.endpoints():
        events = desk.number(f"survival.{e}.events")
        model = desk.number(f"prognosis.{e}.events", model="multi")
        if model is not None and rule is not None:
            inside = len(
                [x for x in desk.numbers.start(f"prognosis.{e}.hr[") if "model=multi" in x.id]
            )
            if inside and model / inside < 10:
                items.append(
                    say(
                        "{e}: {x} events for {k} coefficients in the multivariable model; fewer "
                        "than 10 per coefficient make ratios unsteady.",
                        e=desk.short(e),
                        x=desk.show(f"prognosis.{e}.events", model="multi"),
                        k=str(inside),
                    )
                )
        elif events is not None and events < 10:
            items.append(
                say("{e}: only {x} events.", e=desk.short(e), x=desk.show(f"survival.{e}.events"))
            )
    if rule is not None and rule.selection == "screening":
        items.append(
            "Variables were screened by univariable p-value, which overstates effects and is not "
            "confirmed in other patients."
        )
    if any(v.cut and not v.origin for v in desk.protocol.variables.values()):
        items.append("Where do the cut-points come from? One found in these data must say so.")
    if desk.protocol.response is not None and not desk.protocol.response.confirmation:
        items.append("Responses were not confirmed, and no central review is recorded.")
    if not desk.protocol.schedule.scan_weeks and desk.has("survival.pfs.n"):
        items.append(
            "The interval between scans is not declared; progression is known only to lie between "
            "two scans."
        )
    if desk.context.left_out:
        items.append("Parts of the analysis were left out; the report says which and why.")
    items.append("Single centre, selection, changes of practice over the period: which apply?")
    return Prompts("limitations.md", "Limitations to weigh; keep those that apply.", _all(*items))


def ethics(desk: Desk) -> Prompts:
    """Approval, consent, funding, data."""
    return Prompts(
        "ethics.md",
        "Statements that the journal will ask for.",
        _all(
            "Approval by the ethics committee: name, number, date.",
            "Consent, or the reason why it was waived.",
            "Funding and conflicts of interest of each author.",
            "Where data and protocol can be had; oncohort's results.json can be shared without "
            "patients (run with --share).",
        ),
    )
