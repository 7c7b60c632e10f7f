"""Questions of a peer to the reader, in the vocabularies of agents: approvals, inputs, interrupts.

Where the transport can carry the answer, a source asks (`sources/langgraph.py`); in a stream that
only arrives, the question is shown with one sentence that says how to answer it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..decode.records import NewId
from ..document.answer_schema import fields_of_schema
from ..errors import UsageError, excerpt
from ..events import AskStart
from .fields import as_mapping, json_text, mapping, objects, sequence, text

QUESTION_CHARS: Final = 2_000
HINTS: Final = {
    "langgraph": "Answer it by continuing the graph with Command(resume=...), or stream the graph "
    "with streamwidget.langgraph(graph, input).",
    "ai-sdk": "Answer it in the next request, with a tool-approval-response for this call.",
    "ag-ui": "Answer it with resume in the input of the next run.",
    "mcp": "Answer it in the client that called the tool, for example with "
    "elicitation_callback=emit.elicit.",
    "acp": "Answer it in the client of the agent, which has to reply to this request.",
}
"""How to answer a question that only arrives, by vocabulary."""
_APPROVE, _REJECT = "Approve", "Reject"


@dataclass(frozen=True, slots=True)
class PeerQuestion:
    """One question of a peer, and how its answer is written for the peer."""

    question: str
    options: tuple[str, ...] = ()
    """The labels to choose from; empty: a text, or what `schema` says."""
    schema: Mapping[str, Any] | None = None
    detail: str | None = None
    answers: Mapping[str, object] | None = None
    """By label, what is sent to the peer; None: the answer itself."""

    def shown(self, new_id: NewId, hint: str, about_part_id: str | None = None) -> AskStart:
        """Return the event that shows the question, which cannot be answered here."""
        fields: tuple[Mapping[str, object], ...] = ()
        if self.schema is not None:
            try:
                fields, _ = fields_of_schema(self.schema)
            except UsageError:  # a form cannot show it: the question alone is shown
                pass
        return AskStart(
            new_id("q"), self.question, self.options, fields, about_part_id, self.detail, hint=hint
        )

    def sent(self, answer: object) -> object:
        """Return an answer as it is sent to the peer."""
        return answer if self.answers is None else self.answers.get(str(answer), answer)


def interrupt_questions(value: object) -> list[PeerQuestion]:
    """Return the questions in the value of a LangGraph interrupt: one, or one for each tool call.

    Source: LangGraph docs, interrupts; LangChain 1.0, HumanInTheLoopMiddleware (`HITLRequest`).
    """
    requests = objects(value, "action_requests")
    if requests:
        reviews = objects(value, "review_configs")
        return [_review(request, reviews) for request in requests]
    message = text(value, "question", "message", "description", "prompt")
    choices = sequence(value, "options") or sequence(value, "choices")
    labels = tuple(str(choice) for choice in choices if isinstance(choice, (str, int, float)))
    rest = {
        key: item
        for key, item in as_mapping(value).items()
        if item != message and key not in ("options", "choices")
    }
    return [
        PeerQuestion(
            _short(message or (value if isinstance(value, str) else "The graph asks.")),
            tuple(dict.fromkeys(labels)),
            detail=json_text(rest) if rest else None,
            answers={str(choice): choice for choice in choices} if labels else None,
        )
    ]


def resume_value(value: object, answers: Sequence[object]) -> object:
    """Return what an interrupt is resumed with, for the answers to its questions."""
    if objects(value, "action_requests"):
        return {"decisions": list(answers)}
    return answers[0] if answers else None


def _review(request: Mapping[str, Any], reviews: Sequence[Mapping[str, Any]]) -> PeerQuestion:
    name = text(request, "name", "action")
    arguments = request.get("args", request.get("arguments"))
    allowed = next(
        (
            sequence(review, "allowed_decisions")
            for review in reviews
            if text(review, "action_name") == name
        ),
        [],
    )
    decisions: dict[str, object] = {_APPROVE: {"type": "approve"}, _REJECT: {"type": "reject"}}
    options = tuple(
        label for label, decision in decisions.items() if not allowed or _type(decision) in allowed
    )
    return PeerQuestion(
        _short(text(request, "description") or f"Allow this call of {name or 'the tool'}?"),
        options or (_APPROVE, _REJECT),
        detail=None if arguments is None else json_text(arguments),
        answers=decisions,
    )


def _type(decision: object) -> str:
    return text(decision, "type")


def approval(name: str, arguments: object = None) -> PeerQuestion:
    """Return the question whether a tool may be called."""
    detail = None if arguments is None else json_text(arguments)
    question = f"Allow this call of {name or 'the tool'}?"
    return PeerQuestion(_short(question), (_APPROVE, "Deny"), detail=detail)


def elicitation(params: object) -> PeerQuestion:
    """Return the question of MCP's `elicitation/create`: a form, or an address to open.

    Source: Model Context Protocol 2025-11-25, client/elicitation.
    """
    message, address = text(params, "message"), text(params, "url")
    if address:
        return PeerQuestion(_short(message), ("I have opened it", "Decline"), detail=address)
    schema = mapping(params, "requestedSchema")
    return PeerQuestion(_short(message or "The server asks."), schema=schema or None)


def permission(params: object) -> PeerQuestion:
    """Return the question of ACP's `session/request_permission`.

    Source: agentclientprotocol.com, schema version 1.
    """
    call, options = mapping(params, "toolCall"), objects(params, "options")
    labels = {text(option, "name", "optionId"): text(option, "optionId") for option in options}
    title = text(call, "title") or text(call, "kind")
    given = call.get("rawInput")
    return PeerQuestion(
        _short(f"Allow this call of {title}?" if title else "Allow this call?"),
        tuple(label for label in labels if label),
        detail=None if given is None else json_text(given),
        answers=labels,
    )


def _short(message: str) -> str:
    return message if len(message) <= QUESTION_CHARS else excerpt(message, QUESTION_CHARS)
