"""The folder of a coordinator: requests out, answers in, results at the end.

::

    job/
      consortium.toml      the plan
      keys/north.key       one for each site, to be handed over by another way
      session.json         the conversation that is going on
      round-1/north.request.json, north.answer.json
      earlier/               rounds of conversations before
      results.json, results.txt
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from oncohort.consortium.conversation import Combined, Round, advance
from oncohort.consortium.errors import MissingAnswers, ReplayError, SealError, SiteError
from oncohort.consortium.ledger import LOCK, only_one, replace_file
from oncohort.consortium.messages import Answer, Envelope, Request
from oncohort.consortium.plan import Plan, plan_digest, read_plan
from oncohort.consortium.sealing import (
    FORMAT,
    answer_of,
    new_key,
    new_session,
    opened,
    read_envelope,
    read_key,
    request_of,
    sealed,
)
from oncohort.consortium.survival import CombinedCurves
from oncohort.dataclass import dataclass
from oncohort.foreign_texts import json_of
from oncohort.problems import Place, Problem, problem
from oncohort.regular_files import regular, why
from oncohort.whole_folders import working_folder

PLAN = "consortium.toml"
SESSION = "session.json"


@dataclass(frozen=True, slots=True)
class Job:
    """A conversation with all sites, as its folder holds it."""

    folder: Path
    plan: Plan
    keys: Mapping[str, str]
    session: str

    @property
    def rounds(self) -> list[Path]:
        """Folders of the rounds, in order."""
        found = [p for p in self.folder.glob("round-*") if re.fullmatch("[0-9]{1,9}", p.name[6:])]
        return sorted(found, key=lambda p: int(p.name[6:]))

    @property
    def sequence(self) -> int:
        """Number of the present round."""
        return len(self.rounds)

    @property
    def present(self) -> Path:
        """Folder of the present round.

        Raises
        ------
        SiteError
            There is none.
        """
        rounds = self.rounds
        if not rounds:
            raise _refused(self.folder, "There is no round here: begin again with plan.")
        return rounds[-1]

    def requests(self) -> dict[str, Path]:
        """Site to the file with its present request."""
        here = self.present
        return {site: here / f"{site}.request.json" for site in self.plan.sites}

    def waiting(self) -> list[str]:
        """Sites that have not answered the present request."""
        here = self.present
        return [s for s in self.plan.sites if not (here / f"{s}.answer.json").exists()]

    def round_of(self, folder: Path) -> Round:
        """A whole round as it was said.

        Raises
        ------
        MessageError, SealError, ReplayError
            A file of the folder is not an answer to its request.
        """
        requests: dict[str, Request] = {}
        answers: dict[str, Answer] = {}
        for site in self.plan.sites:
            asked = opened(_read(folder / f"{site}.request.json"), self.keys[site])
            requests[site] = request_of(asked)
            answer = _read(folder / f"{site}.answer.json")
            envelope = _answering(self, int(folder.name[6:]), site, answer, asked.seal)
            answers[site] = answer_of(envelope)
        return Round(requests[self.plan.sites[0]], answers)

    def write_round(self, request: Request) -> None:
        """Write the requests of the next round, whole or not at all."""
        number = self.sequence + 1
        with working_folder(self.folder, ".round.oncohort-") as made:
            for site in self.plan.sites:
                envelope = Envelope(
                    FORMAT,
                    1,
                    self.plan.consortium.name,
                    plan_digest(self.plan),
                    self.session,
                    number,
                    site,
                    "",
                    request,
                    "",
                )
                text = sealed(envelope, self.keys[site])
                replace_file(made / f"{site}.request.json", text.encode())
            made.rename(self.folder / f"round-{number}")


def _refused(path: Path, reason: str) -> SiteError:
    return SiteError("", [problem("consortium.site", place=Place(file=str(path)), reason=reason)])


def _read(path: Path) -> bytes:
    """A message of the folder; whether it is one is found out by who opens it.

    Raises
    ------
    SiteError
        There is none.
    """
    try:
        return regular(path).read_bytes()
    except OSError as error:
        raise _refused(path, f"It can't be read: {why(error)}.") from None


def start(plan: str | Path, folder: str | Path) -> Job:
    """Begin a conversation: keys (those of an earlier one stay) and the requests to check.

    Raises
    ------
    PlanError, SiteError
    """
    plan, folder = Path(plan), Path(folder)
    read = read_plan(plan)
    if folder.exists() and not folder.is_dir():
        raise _refused(folder, "A file is there; name a folder.")
    if (
        folder.exists()
        and not (folder / SESSION).exists()
        and not all(map(_begun, folder.iterdir()))
    ):
        raise _refused(folder, "The folder holds something else; it is left as it is.")
    if (folder / SESSION).exists() and read_plan(folder / PLAN).consortium.name != (
        read.consortium.name
    ):
        raise _refused(folder, "The folder belongs to another consortium.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with only_one(folder):
        return _started(read, plan, folder)


def _begun(path: Path) -> bool:
    """Whether a beginning that was stopped has left this."""
    return path.name in ("keys", PLAN, LOCK) or path.name.startswith((".session", f".{PLAN}"))


def _started(read: Plan, plan: Path, folder: Path) -> Job:
    (folder / "keys").mkdir(exist_ok=True, mode=0o700)
    for site in read.sites:
        path = folder / "keys" / f"{site}.key"
        if not path.exists():
            replace_file(path, (new_key() + "\n").encode())
    if plan.resolve() != (folder / PLAN).resolve():
        replace_file(folder / PLAN, plan.read_bytes())
    if (folder / SESSION).exists():
        _put_away(open_job(folder))
    session = new_session()
    replace_file(folder / SESSION, json.dumps({"session": session}).encode())
    job = open_job(folder)
    job.write_round(_request(job, []))
    return job


def _put_away(job: Job) -> None:
    """Move the rounds of a conversation aside."""
    aside = job.folder / "earlier" / job.session[:8]
    for folder in reversed(job.rounds):
        aside.mkdir(parents=True, exist_ok=True)
        folder.rename(aside / folder.name)


def _request(job: Job, rounds: Sequence[Round]) -> Request:
    found = advance(job.plan, rounds)
    assert not isinstance(found, Combined)
    return found


def open_job(folder: str | Path) -> Job:
    """Read the folder of a coordinator.

    Raises
    ------
    PlanError, SealError, SiteError
    """
    folder = Path(folder)
    try:
        session = json_of((folder / SESSION).read_bytes())["session"]
    except (OSError, ValueError, KeyError, TypeError):
        raise _refused(folder, "There is no conversation here: begin one with plan.") from None
    plan = read_plan(folder / PLAN)
    keys = {site: read_key(folder / "keys" / f"{site}.key") for site in plan.sites}
    return Job(folder, plan, keys, str(session))


def take(job: Job, text: str) -> str:
    """Keep the answer of a site to the present request; gives the site's name.

    Raises
    ------
    MessageError, SealError, ReplayError
        It can't be read, is not that site's, or answers another request.
    """
    site = read_envelope(text).site
    if site not in job.keys:
        raise SealError("", [problem("consortium.seal", site=site[:60])])
    asked = read_envelope(_read(job.requests()[site]))
    envelope = _answering(job, job.sequence, site, text, asked.seal)
    path = job.present / f"{site}.answer.json"
    if path.exists() and read_envelope(_read(path)).seal != envelope.seal:
        raise ReplayError("", [_out_of_order("twice", site, job.sequence, envelope)])
    if not path.exists():
        replace_file(path, text.encode())
    return site


def _answering(job: Job, number: int, site: str, text: str | bytes, request: str) -> Envelope:
    """The answer of a site to one request of this conversation.

    Raises
    ------
    MessageError, SealError, ReplayError
    """
    envelope = opened(text, job.keys[site])
    answer_of(envelope)
    case = ""
    if envelope.session != job.session or envelope.plan != plan_digest(job.plan):
        case = "session"
    elif envelope.sequence != number or envelope.request != request:
        case = "unasked"
    if case:
        raise ReplayError("", [_out_of_order(case, site, number, envelope)])
    if envelope.site != site:
        raise SealError("", [problem("consortium.seal", site=envelope.site[:60])])
    return envelope


def _out_of_order(case: str, site: str, number: int, envelope: Envelope) -> Problem:
    return problem(
        "consortium.order",
        case,
        site=site,
        sequence=number,
        got=envelope.sequence,
        last=number,
    )


def combine(job: Job) -> Job | Combined:
    """Go on where the answers of all sites are there: the next requests, or the results.

    Raises
    ------
    MissingAnswers
        Some sites have not answered; the round waits for them.
    AgreementError, SiteError
        Sites differ, have errors, or sent what can't be true.
    """
    with only_one(job.folder):
        return _combined(job)


def _combined(job: Job) -> Job | Combined:
    waiting = job.waiting()
    if waiting:
        wrong = problem("consortium.missing", sites=", ".join(waiting), sequence=job.sequence)
        raise MissingAnswers("", [wrong])
    found = advance(job.plan, [job.round_of(folder) for folder in job.rounds])
    if isinstance(found, Combined):
        text = json.dumps(as_data(job.plan, found), indent=1, sort_keys=True, allow_nan=False)
        replace_file(job.folder / "results.json", (text + "\n").encode())
        replace_file(job.folder / "results.txt", (repr(found) + "\n").encode())
        return found
    job.write_round(found)
    return job


def drive(job: Job, ask: Callable[[Mapping[str, str]], Mapping[str, str]]) -> Combined:
    """Hold the whole conversation over something that carries texts: an engine, or a loop.

    Parameters
    ----------
    ask
        Site to request in, site to answer out; sites that did not answer are left out.

    Raises
    ------
    MissingAnswers
        A site did not answer: call again to go on where it stopped.
    """
    while True:
        waiting = job.waiting()
        if waiting:
            files = job.requests()
            answers = ask({site: files[site].read_text("utf-8") for site in waiting})
            for text in answers.values():
                take(job, text)
        found = combine(job)
        if isinstance(found, Combined):
            return found


def as_data(plan: Plan, combined: Combined) -> dict[str, object]:
    """Results as JSON has them: a number that does not exist is null."""
    analyses = {}
    for key, one in combined.outcomes.items():
        out: dict[str, object] = {"without": dict(one.without or {}), "reason": one.reason or None}
        if one.result is not None:
            out["rows"] = [_plain(row) for row in one.result._rows()]
            out["notes"] = [note for note in one.result._notes() if note]
            if isinstance(one.result, CombinedCurves):
                frame = one.result.curves.to_frame()
                out["curve"] = [_plain(row) for row in frame.to_dicts()]
        analyses[key] = out
    return {"schema_version": 1, "consortium": plan.consortium.name, "analyses": analyses}


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
