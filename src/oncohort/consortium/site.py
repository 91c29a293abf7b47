"""The folder of a site, and its answer to a request: text in, text out, whatever carries it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import tomlkit
from pydantic import Field, ValidationError

from oncohort.consortium import ledger as records
from oncohort.consortium.answering import Allowance, answer_questions
from oncohort.consortium.described import lines_of
from oncohort.consortium.errors import AgreementError, ReplayError, SiteError
from oncohort.consortium.ledger import Entry, Ledger, packed, read_ledger
from oncohort.consortium.messages import (
    Answer,
    AskAnswer,
    AskRequest,
    CheckAnswer,
    CheckRequest,
    Envelope,
    Request,
)
from oncohort.consortium.plan import Plan, plan_digest, plan_facts, read_plan
from oncohort.consortium.reading import Mapped, SiteData, check_units, read_site_data
from oncohort.consortium.sealing import (
    FORMAT,
    digest,
    opened,
    read_envelope,
    read_key,
    request_of,
    sealed,
)
from oncohort.consortium.view import View
from oncohort.consortium.wire import canonical, encode
from oncohort.dataclass import dataclass
from oncohort.foreign_texts import toml_of
from oncohort.problems import OncohortError, Place, problem
from oncohort.protocol.base import Key, Section
from oncohort.regular_files import regular, why
from oncohort.vocabulary.unseen import coded

SETTINGS = "site.toml"
PLAN = "consortium.toml"
KEY = "site.key"


class Settings(Section):
    """`[site]` of `site.toml`: who the site is, where its data are, and its own rules."""

    name: Key
    data: str
    """A study (a folder with `study.toml`) or a table, from the folder of `site.toml`."""
    minimum: int = Field(default=5, ge=1)
    """Smallest group; the larger one of this and the plan's holds."""
    queries: int = Field(default=200, ge=1)
    """Most answers; the smaller one of this and the plan's holds."""
    pooled_baseline: bool = False
    """May event times and sums over risk sets leave?"""


class SiteFile(Section):
    """`site.toml`."""

    site: Settings
    table: Mapped = Field(default_factory=Mapped)


@dataclass(frozen=True, slots=True)
class Site:
    """A site's folder, read."""

    folder: Path
    settings: Settings
    mapped: Mapped
    plan: Plan
    key: str

    @property
    def minimum(self) -> int:
        """Smallest group of which this site tells a number."""
        return max(self.settings.minimum, self.plan.disclosure.minimum)

    @property
    def queries(self) -> int:
        """Most answers that this site gives."""
        return min(self.settings.queries, self.plan.disclosure.queries)

    def data(self, *, check: bool = True) -> SiteData:
        """The site's data as the plan asks for them; with the number of errors, if `check`.

        Raises
        ------
        ReadError, ProtocolError, SiteError
        """
        path = Path(self.settings.data)
        return read_site_data(
            self.plan, path if path.is_absolute() else self.folder / path, self.mapped, check
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that may leave.

    Attributes
    ----------
    text
        The message; empty in a dry run, where `body` shows what it would hold.
    lines
        What is in it, in words.
    again
        It left before, and is handed over once more.
    """

    text: str
    lines: tuple[str, ...]
    again: bool = False
    body: str = ""


def _refused(path: Path, reason: str) -> SiteError:
    return SiteError("", [problem("consortium.site", place=Place(file=str(path)), reason=reason)])


def join(
    folder: str | Path,
    plan: str | Path,
    name: str,
    key: str | Path,
    data: str | Path,
    mapped: Mapped | None = None,
) -> Site:
    """Make the folder of a site; an old one of the same consortium gets the new plan.

    What was answered before stays on record.

    Raises
    ------
    PlanError, SealError, SiteError
    """
    folder, plan, key, data = Path(folder), Path(plan), Path(key), Path(data)
    read = read_plan(plan)
    if name not in read.sites:
        raise _refused(plan, f'The plan has no site "{name}": {", ".join(read.sites)}.')
    read_key(key)
    if not data.exists():
        raise _refused(data, "There are no data.")
    if folder.exists() and not folder.is_dir():
        raise _refused(folder, "A file is there; name a folder.")
    if (folder / records.FILE).exists() and open_site(folder).plan.consortium.name != (
        read.consortium.name
    ):
        raise _refused(folder, "The folder belongs to another consortium.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if plan.resolve() != (folder / PLAN).resolve():
        records.replace_file(folder / PLAN, plan.read_bytes())
    if key.resolve() != (folder / KEY).resolve():
        records.replace_file(folder / KEY, key.read_bytes())
    if not (folder / SETTINGS).exists():  # one that is there may have been edited
        document = tomlkit.document()
        document["site"] = {"name": name, "data": str(data.resolve())}
        told = (mapped or Mapped()).model_dump(exclude_defaults=True)
        document["table"] = told
        records.replace_file(folder / SETTINGS, coded(tomlkit.dumps(document)).encode())
    return open_site(folder)


def open_site(folder: Path) -> Site:
    """Read the folder of a site.

    Raises
    ------
    SiteError, PlanError, SealError
    """
    path = folder / SETTINGS
    try:
        file = SiteFile.model_validate(toml_of(regular(path).read_text("utf-8-sig")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _refused(path, f"{where}: {first['msg']}.") from None
    except (OSError, ValueError) as error:
        raise _refused(path, f"It can't be read: {why(error)}.") from None
    plan = read_plan(folder / PLAN)
    if file.site.name not in plan.sites:
        raise _refused(path, f'The plan has no site "{file.site.name}".')
    return Site(folder, file.site, file.table, plan, read_key(folder / KEY))


def answer(folder: str | Path, text: str | bytes, *, dry: bool = False) -> Answered:
    """Answer a request, or say why not; either is logged.

    Parameters
    ----------
    dry
        Only show what would leave: nothing is recorded, and no message is made.

    Raises
    ------
    MessageError, SealError
        The request can't be read, or was not sealed by the coordinator.
    AgreementError
        It is by another plan: what differs is named.
    ReplayError
        It was answered before, or comes out of its order.
    SiteError, ReadError, ProtocolError
        The site's data can't be used.
    """
    folder = Path(folder)
    site = open_site(folder)
    try:
        return _answer(site, text, dry)
    except OncohortError as error:
        if not dry:
            rules = ", ".join(dict.fromkeys(p.id for p in error.problems))
            records.log(folder, f"{_now()}  refused: {rules}\n")
        raise


def place_of_answer(path: Path) -> None:
    """Refuse to write an answer over anything but an answer.

    Raises
    ------
    SiteError
        Something else is there, or the folder is not.
    """
    if path.parent.is_dir() and not os.access(path.parent, os.W_OK | os.X_OK):
        raise _refused(path, "The answer can't be written there: Permission denied.")
    if path.parent.is_dir() and not path.exists():
        return
    try:
        if isinstance(read_envelope(regular(path).read_text("utf-8")).body, Answer):
            return
        reason = "A file that is no answer is there; it is left as it is."
    except OSError as error:
        reason = f"The answer can't be written there: {error.strerror or error}."
    except (OncohortError, UnicodeDecodeError):
        reason = "A file that is no answer is there; it is left as it is."
    raise _refused(path, reason)


def _answer(site: Site, text: str | bytes, dry: bool) -> Answered:
    folder = site.folder
    with records.only_one(folder):
        known = read_ledger(folder)
        envelope = opened(text, site.key)
        request = request_of(envelope)
        _for_us(site, envelope, request)
        before = _in_order(known, envelope)
        if before is not None:
            body = read_envelope(before.answer).body
            assert isinstance(body, CheckAnswer | AskAnswer)
            if not dry:
                records.log(folder, f"{_now()}  sent again: answer {envelope.sequence}\n")
            return Answered(before.answer, tuple(lines_of(body)), again=True)
        body, entry = _answered(site, known, envelope, request)
        lines = tuple(lines_of(body))
        if dry:
            return Answered("", lines, body=canonical(encode(body)).decode("ascii"))
        out = sealed(
            Envelope(
                FORMAT,
                1,
                envelope.consortium,
                envelope.plan,
                envelope.session,
                envelope.sequence,
                site.settings.name,
                envelope.seal,
                body,
                "",
            ),
            site.key,
        )
        records.append(known, _with_answer(entry, out))
        records.log(folder, _log_text(site, envelope, out, lines))
        return Answered(out, lines)


def _for_us(site: Site, envelope: Envelope, request: Request) -> None:
    """The request is for this site, by this plan.

    Raises
    ------
    SiteError, AgreementError
    """
    own = (site.plan.consortium.name, site.settings.name)
    if (envelope.consortium, envelope.site) != own:
        named = f'"{envelope.site[:60]}" of "{envelope.consortium[:60]}"'
        wrong = problem("consortium.addressed", named=named, own=f'"{own[1]}" of "{own[0]}"')
        raise SiteError("", [wrong])
    if envelope.plan == plan_digest(site.plan):
        return
    differing = []
    if isinstance(request, CheckRequest):
        ours = {f.key: f.value for f in plan_facts(site.plan)}
        theirs = {f.key: f.value for f in request.plan}
        differing = [
            problem(
                "consortium.unlike",
                key=key,
                one=theirs.get(key, "absent"),
                at_one="in the plan of the coordinator",
                other=ours.get(key, "absent"),
                at_other=f"in the plan at {site.settings.name}",
            )
            for key in sorted({*ours, *theirs})
            if ours.get(key) != theirs.get(key)
        ]
    if not differing:
        differing = [
            problem(
                "consortium.unlike",
                key="The plan",
                one=envelope.plan[:12],
                at_one="in the request",
                other=plan_digest(site.plan)[:12],
                at_other=f"at {site.settings.name}",
            )
        ]
    raise AgreementError("", differing)


def _in_order(known: Ledger, envelope: Envelope) -> Entry | None:
    """The answer that was given to this very request already; none for the next one.

    Raises
    ------
    ReplayError
    """
    last = known.last(envelope.session)
    at = last.sequence if last is not None else 0
    if envelope.sequence == at + 1:
        return None
    case = "early"
    if envelope.sequence == at and last is not None:
        if last.request == envelope.seal:
            return last
        case = "changed"
    elif envelope.sequence < at:
        case = "replayed"
    wrong = problem("consortium.order", case, sequence=envelope.sequence, last=at)
    raise ReplayError("", [wrong])


def _answered(
    site: Site, known: Ledger, envelope: Envelope, request: Request
) -> tuple[Answer, Entry]:
    data = site.data(check=isinstance(request, CheckRequest))
    digests = data.rows.digests()
    first = known.data(envelope.session)
    if any(first.get(key, value) != value for key, value in digests.items()):
        raise SiteError("", [problem("consortium.changed", place=Place(file=site.settings.data))])

    def entry(spent: int, evaluated: tuple[str, ...], sets: Mapping[str, tuple[str, ...]]) -> Entry:
        return Entry(
            envelope.session,
            envelope.sequence,
            envelope.seal,
            "",
            spent,
            evaluated,
            sets,
            digests,
            datetime.now().astimezone().isoformat(timespec="seconds"),
        )

    if isinstance(request, CheckRequest):
        enough = data.rows.n >= max(site.plan.disclosure.rows, site.minimum)
        return CheckAnswer(data.facts, data.errors, enough), entry(0, (), {})
    return _asked(site, known, envelope, request, data, entry)


def _asked(
    site: Site,
    known: Ledger,
    envelope: Envelope,
    request: AskRequest,
    data: SiteData,
    entry: Callable[..., Entry],
) -> tuple[Answer, Entry]:
    check_units(site.plan, data, site.settings.name)
    _checked(site, known, envelope)
    before = known.sets(data.rows.n)
    view = View.of(site.plan, data.rows, site.minimum, before, site.settings.pooled_baseline)
    allowance = Allowance(site.queries - known.spent, known.evaluated(data.rows.n))
    drafted = answer_questions(view, request, allowance)
    spent = sum(getattr(i, "reason", "") != "budget" for i in drafted.items)
    evaluated = tuple(f"{m}/{digest(packed(rows))[:16]}" for m, rows in drafted.evaluated)
    old = {kind: {s.tobytes() for s in found} for kind, found in before.items()}
    sets = {
        kind: tuple(packed(s) for s in found if s.tobytes() not in old.get(kind, set()))
        for kind, found in drafted.sets.items()
    }
    body = AskAnswer(drafted.items, known.spent + spent)
    return body, entry(spent, evaluated, {k: v for k, v in sets.items() if v})


def _checked(site: Site, known: Ledger, envelope: Envelope) -> None:
    """The conversation began with the check, and the check found nothing.

    That the data are still the same is seen by their hashes.

    Raises
    ------
    ReplayError, SiteError
    """
    first = next((e for e in known.entries if e.session == envelope.session), None)
    body = read_envelope(first.answer).body if first is not None else None
    if not isinstance(body, CheckAnswer):
        raise ReplayError("", [problem("consortium.order", "unchecked", last=0)])
    name = site.settings.name
    if body.errors:
        raise SiteError("", [problem("consortium.errors", site=name, n=body.errors)])
    if not body.rows_enough:
        rows = max(site.plan.disclosure.rows, site.minimum)
        raise SiteError("", [problem("consortium.rows", site=name, rows=rows)])


def _with_answer(entry: Entry, text: str) -> Entry:
    from dataclasses import replace

    return replace(entry, answer=text)


def _now() -> str:
    return datetime.now().astimezone().isoformat(" ", timespec="seconds")


def _log_text(site: Site, envelope: Envelope, text: str, lines: tuple[str, ...]) -> str:
    """The entry of the log that people read."""
    head = (
        f"{_now()}  left {site.settings.name}: answer {envelope.sequence} of conversation "
        f"{envelope.session[:8]}, {len(text.encode())} bytes, SHA-256 {digest(text)[:16]}\n"
    )
    return head + "".join(f"    {line}\n" for line in lines)
