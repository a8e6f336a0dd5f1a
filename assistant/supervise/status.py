"""What `offramp status` shows: the running processes, probed now."""

from __future__ import annotations

import asyncio
from typing import Any

from assistant.supervise.run_file import Running, RunningProcess
from assistant.supervise.supervisor import probe_http, probe_redis, probes


async def status_of(running: Running) -> dict[str, Any]:
    addresses = probes([p.name for p in running.processes], running)

    async def row(process: RunningProcess) -> dict[str, Any]:
        address = addresses.get(process.name)
        problem = await (probe_redis(running.redis_url) if address is None else probe_http(address))
        return {"name": process.name, "pid": process.pid, "port": process.port, "ready": problem is None}

    return {"url": running.url, "processes": await asyncio.gather(*(row(p) for p in running.processes))}
