"""An MCP server of the official SDK: tools that tell progress, that log, and that fail."""

from __future__ import annotations

from mcp.server import MCPServer
from mcp.server.mcpserver import Context

from servers.apps.serve import serve

server = MCPServer("tests")


@server.tool()
async def count(n: int, context: Context) -> str:
    """Counts to n and says so."""
    for i in range(1, n + 1):
        await context.report_progress(i, n, f"Counted {i}")
    return f"Counted to {n}."


@server.tool()
async def fail(context: Context) -> str:
    """Fails after it has begun."""
    await context.report_progress(1, None, "Began")
    raise ValueError("No such page")


if __name__ == "__main__":
    serve(server.streamable_http_app())
