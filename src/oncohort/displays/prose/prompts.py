"""What only the author can write: questions to answer, with the study's own numbers in them."""

from __future__ import annotations

from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Prompts
from oncohort.displays.spans import Piece, Spans, listed, say, spans
from oncohort.displays.words import patients


def _all(*items: Piece) -> tuple[Spans, ...]:
    return tuple(s for item in items if (s := spans(item)))


def introduction() -> Prompts:
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


def conclusion(lookup: Lookup) -> Prompts:
    """What follows for the reader."""
    return Prompts(
        "conclusion.md",
        "The conclusion is yours.",
        _all(
            "What does the study show, in one sentence that its intervals bear out?",
            "What should be done or studied next?",
        ),
    )


def discussion(lookup: Lookup) -> Prompts:
    """Questions that the results raise."""
    medians = [
        say(
            "{e} {m}",
            e=lookup.short(e),
            m="not reached"
            if lookup.number(f"survival.{e}.median") is None
            else lookup.with_ci(f"survival.{e}.median"),
        )
        for e in lookup.endpoints()
    ]
    main: Piece = ""
    if medians:
        main = say("Say the main finding first (medians: {m}).", m=listed(medians))
    elif lookup.has("response.orr.percent"):
        main = say(
            "Say the main finding first (response rate {r}).",
            r=lookup.with_ci("response.orr.percent"),
        )
    earlier = lookup.numbers.section("historical") is not None
    screening = lookup.protocol.prognosis and lookup.protocol.prognosis.selection == "screening"
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
            if lookup.numbers.section("safety") is not None
            else "",
            "To whom can the result be applied?",
        ),
    )


def limitations(lookup: Lookup) -> Prompts:
    """What limits this study, as far as the data show it."""
    items: list[Piece] = [
        say(
            "Retrospective design; {n} {p}: intervals are wide where events are few.",
            n=lookup.whole(),
            p=patients(lookup.context.n),
        )
    ]
    rule = lookup.protocol.prognosis
    for e in lookup.endpoints():
        events = lookup.number(f"survival.{e}.events")
        model = lookup.number(f"prognosis.{e}.events", model="multi")
        if model is not None and rule is not None:
            inside = len(lookup.numbers.of("prognosis", e, "hr", model="multi"))
            if inside and model / inside < 10:
                items.append(
                    say(
                        "{e}: {x} events for {k} coefficients in the multivariable model; fewer "
                        "than 10 per coefficient make ratios unsteady.",
                        e=lookup.short(e),
                        x=lookup.show(f"prognosis.{e}.events", model="multi"),
                        k=str(inside),
                    )
                )
        elif events is not None and events < 10:
            items.append(
                say(
                    "{e}: only {x} events.",
                    e=lookup.short(e),
                    x=lookup.show(f"survival.{e}.events"),
                )
            )
    if rule is not None and rule.selection == "screening":
        items.append(
            "Variables were screened by univariable p-value, which overstates effects and is not "
            "confirmed in other patients."
        )
    if any(v.cut and not v.origin for v in lookup.protocol.variables.values()):
        items.append("Where do the cut-points come from? One found in these data must say so.")
    if lookup.protocol.response is not None and not lookup.protocol.response.confirmation:
        items.append("Responses were not confirmed, and no central review is recorded.")
    if not lookup.protocol.schedule.scan_weeks and "pfs" in lookup.context.standard:
        items.append(
            "The interval between scans is not declared; progression is known only to lie between "
            "two scans."
        )
    if lookup.context.left_out:
        items.append("Parts of the analysis were left out; the report says which and why.")
    items.append("Single centre, selection, changes of practice over the period: which apply?")
    return Prompts("limitations.md", "Limitations to weigh; keep those that apply.", _all(*items))
