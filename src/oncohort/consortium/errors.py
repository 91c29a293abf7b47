"""Typed errors of a consortium; each carries the problem that is its reason."""

from __future__ import annotations

from oncohort.problems import OncohortError, Place, problem


class ConsortiumError(OncohortError):
    """Base: nothing is answered, and no answer is made of what came."""


class PlanError(ConsortiumError):
    """The plan of a consortium can't be used."""


class MessageError(ConsortiumError):
    """A message is not what this version reads: a wrong type, an unknown version, no number."""

    @classmethod
    def of(cls, reason: str, where: str = "") -> MessageError:
        """A message that can't be read, with the place in it."""
        return cls(
            "", [problem("consortium.message", place=Place(key=where or None), reason=reason)]
        )


class SealError(ConsortiumError):
    """A message was not sealed by whom it names: forged, or changed on its way."""


class ReplayError(ConsortiumError):
    """A message that was answered before, or one out of its order."""


class AgreementError(ConsortiumError):
    """Sites differ in something that has to be the same."""


class SiteError(ConsortiumError):
    """A site can't answer: its data, its budget or its rules say no."""


class MissingAnswers(ConsortiumError):
    """Some sites have not answered yet; the round goes on when they have."""
