"""An A2A agent of the official SDK: a task with artifacts in pieces, over JSON-RPC and REST."""

from __future__ import annotations

from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_jsonrpc_routes, create_rest_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentInterface,
    AgentSkill,
    Part,
    Task,
    TaskState,
    TaskStatus,
)
from starlette.applications import Starlette

from servers.apps.serve import serve

PIECES = ["Streams carry ", "tokens, ", "progress ", "and artifacts."]


class Writer(AgentExecutor):
    """Writes an artifact in pieces; fails, or asks back, when the message says so."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        status = TaskStatus(state=TaskState.TASK_STATE_SUBMITTED)
        task = Task(id=context.task_id, context_id=context.context_id, status=status)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, context.task_id or "", context.context_id or "")
        await updater.start_work(updater.new_agent_message([Part(text="Writing")]))
        asked = context.get_user_input()
        if "ask" in asked:
            await updater.requires_input(updater.new_agent_message([Part(text="Which one?")]))
            return
        for number, piece in enumerate(PIECES):
            await updater.add_artifact(
                [Part(text=piece)],
                artifact_id="report",
                name="report.txt",
                append=number > 0,
                last_chunk=number == len(PIECES) - 1,
            )
        if "fail" in asked:
            await updater.failed(updater.new_agent_message([Part(text="The disk is full")]))
            return
        await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        raise NotImplementedError


CARD = AgentCard(
    name="writer",
    description="Writes",
    version="1",
    capabilities=AgentCapabilities(streaming=True),
    default_input_modes=["text/plain"],
    default_output_modes=["text/plain"],
    skills=[AgentSkill(id="write", name="write", description="Writes", tags=["text"])],
    supported_interfaces=[
        AgentInterface(url="http://127.0.0.1/", protocol_binding="JSONRPC", protocol_version="1.0")
    ],
)

if __name__ == "__main__":
    handler = DefaultRequestHandler(
        agent_executor=Writer(), task_store=InMemoryTaskStore(), agent_card=CARD
    )
    routes = [
        *create_jsonrpc_routes(handler, "/rpc", enable_v0_3_compat=True),
        *create_rest_routes(handler),
    ]
    serve(Starlette(routes=routes))
