"""Statistics of several hospitals that share sums, not patients.

`plan` is what is asked, `messages` what is said, `disclosure` what may leave, `site` and
`coordinator` the two ends of the conversation. Texts go from one end to the other by whatever
carries them: files, vantage6, Flower.
"""

from __future__ import annotations

from oncohort.consortium.conversation import Combined, Round, advance
from oncohort.consortium.coordinator import Job, combine, drive, open_job, start, take
from oncohort.consortium.plan import Plan, parse_plan, read_plan
from oncohort.consortium.site import Answered, Site, answer, join, open_site

__all__ = [
    "Answered",
    "Combined",
    "Job",
    "Plan",
    "Round",
    "Site",
    "advance",
    "answer",
    "combine",
    "drive",
    "join",
    "open_job",
    "open_site",
    "parse_plan",
    "read_plan",
    "start",
    "take",
]
