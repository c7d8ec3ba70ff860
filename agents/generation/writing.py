"""From a line of a plan to reviewed copy: a model's drafts in order, the approved template when review refuses them all. Pure but for the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from agents.generation.plan import SlotPlan, Written
from models.copywriter.brief import Brief, Copy
from models.review import accepted, review
from models.rules import Rules
from models.template import fill

RulesOf = Callable[[str], Rules]
"""The rule packs of a market (ISO country code)."""


class Copywriter(Protocol):
    """What writes. `write` may take long and is called from one thread; it raises what its runtime raises."""

    @property
    def model_hash(self) -> str: ...

    def write(self, briefs: Sequence[Brief]) -> Sequence[Sequence[Copy]]:
        """Drafts per brief, best first."""


def write_all(copywriter: Copywriter, lines: Sequence[SlotPlan], rules_of: RulesOf) -> list[Written]:
    """Copy for every line in one model call; a line whose drafts review refuses gets its template. Lines without any copy are left out."""
    drafts = copywriter.write([line.brief for line in lines])
    made = (choose(line, candidates, rules_of) for line, candidates in zip(lines, drafts, strict=True))
    return [each for each in made if each is not None]


def choose(line: SlotPlan, drafts: Sequence[Copy], rules_of: RulesOf) -> Written | None:
    """The first draft that review accepts, else the template; all codes that were found on the way go along."""
    rules, codes = rules_of(line.brief.place), list[str]()
    for draft in drafts:
        findings = review(draft, line.brief, rules)
        codes += [finding.code for finding in findings]
        if accepted(findings):
            return Written(line, draft, "model", tuple(dict.fromkeys(codes)))
    return from_template(line, rules_of, codes)


def from_template(line: SlotPlan, rules_of: RulesOf, codes: Sequence[str] = ()) -> Written | None:
    """The approved template, filled; None when review refuses even that (a title that breaks a rule)."""
    template, rules = line.template, rules_of(line.brief.place)
    copy = fill(template.headline, template.description, template.cta, line.brief)
    findings = review(copy, line.brief, rules, approved=f"{template.headline} \n {template.description} \n {template.cta}")
    found = tuple(dict.fromkeys([*codes, *(finding.code for finding in findings)]))
    blocked = any(finding.severity == "block" for finding in findings)
    return None if blocked else Written(line, copy, "template", found)


def again(line: SlotPlan, rules_of: RulesOf) -> Written | None:
    """The copy that a returning interest had before, when review still accepts it."""
    if line.past is None:
        return None
    findings = review(line.past, line.brief, rules_of(line.brief.place))
    return Written(line, line.past, "reused", tuple(finding.code for finding in findings)) if accepted(findings) else None
