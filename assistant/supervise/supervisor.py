"""Runs the processes of a plan: starts them, waits until they are ready, restarts what dies, stops them."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import ssl
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import httpx2
from redis.asyncio import Redis
from redis.exceptions import RedisError

from assistant.setup.environments import ROOT, SetupError
from assistant.supervise import run_file
from assistant.supervise.plan import Plan, Spec

READY_SECONDS = 120.0
PROBE_SECONDS = 0.2
PROBE_TIMEOUT_SECONDS = 2.0
STOP_SECONDS = 8.0
# A larger log is put aside when its process starts.
LARGEST_LOG_BYTES = 20_000_000
# A process that dies at once is started ever more slowly.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, STABLE_SECONDS = 0.1, 5.0, 30.0
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG

Report = Callable[[str, str], None]


class Child:
    """One process and the task that keeps it running."""

    def __init__(self, spec: Spec, log: Path, changed: Callable[[], None]) -> None:
        self.spec, self._log, self._changed = spec, log, changed
        self.process: asyncio.subprocess.Process | None = None
        self.deaths = 0
        self._stopping = False

    async def run(self, report: Report) -> None:
        """Until stopped: start, wait for the end, start again."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping:
            started = time.monotonic()
            try:
                await self._start()
                assert self.process is not None
                code: int | str = await self.process.wait()
            except OSError as error:
                code = f"“{error}”"
            if self._stopping:
                return
            self.deaths += 1
            report(self.spec.name, f"ended with {code}, starting it again (log: {self._log})")
            pause = FIRST_PAUSE_SECONDS if time.monotonic() - started > STABLE_SECONDS else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _start(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LARGEST_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *self.spec.command,
                cwd=ROOT,
                env=self.spec.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self._changed()

    async def stop(self) -> None:
        self._stopping = True
        process = self.process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    def last_line(self) -> str:
        lines = (
            [x for x in self._log.read_text(errors="replace").splitlines() if x.strip()] if self._log.exists() else []
        )
        return lines[-1][:300] if lines else "it printed nothing"


def _die_with_parent() -> None:
    """In the child: end when the supervisor ends, even if that was killed."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


class Supervisor:
    def __init__(self, plan: Plan, state_dir: Path, report: Report) -> None:
        self._plan, self._state_dir, self._report = plan, state_dir, report
        logs = state_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._children = [Child(spec, logs / f"{spec.name}.log", self._write) for spec in plan.specs]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, ready: Callable[[str], None]) -> None:
        """Start all and return when all are ready. Raises `SetupError` with the reason if one cannot be."""
        self._write()
        for child in self._children:
            self._tasks.append(asyncio.create_task(child.run(self._report)))
        await asyncio.gather(*(self._wait_ready(child, ready) for child in self._children))

    async def _wait_ready(self, child: Child, ready: Callable[[str], None]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            problem = await probe(child.spec, self._plan.redis_url)
            if problem is None:
                ready(child.spec.name)
                return
            if child.deaths >= 3 or "no trained model" in problem:
                break
            await asyncio.sleep(PROBE_SECONDS)
        name = child.spec.name
        hint = " Build a new model with `offramp build --force`." if name == "rasa" else ""
        raise SetupError(f"{name} does not get ready: {problem}; its log says: {child.last_line()}.{hint}")

    async def wait(self) -> None:
        """Until cancelled."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """The gateway first, so that nothing is accepted that nobody can answer; Redis last."""
        for child in reversed(self._children):
            await child.stop()
        for task in self._tasks:
            task.cancel()
        run_file.remove(self._state_dir)

    def _write(self) -> None:
        processes = tuple(
            run_file.RunningProcess(child.spec.name, child.process.pid, child.spec.port)
            for child in self._children
            if child.process is not None
        )
        plan = self._plan
        running = run_file.Running(os.getpid(), plan.url, plan.redis_url, plan.actions_url, plan.bot_url, processes)
        run_file.write(self._state_dir, running)


async def probe(spec: Spec, redis_url: str) -> str | None:
    """What keeps a process from working, None if nothing does."""
    if spec.probe is None:
        return await probe_redis(redis_url)
    return await probe_http(spec.probe)


async def probe_redis(url: str) -> str | None:
    client: Redis = Redis.from_url(
        url, socket_timeout=PROBE_TIMEOUT_SECONDS, socket_connect_timeout=PROBE_TIMEOUT_SECONDS
    )
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return f"no answer ({type(error).__name__})"
    finally:
        await client.aclose()
    return None


async def probe_http(url: str) -> str | None:
    try:
        # Loopback, no TLS: reading the certificate authorities takes up to 0.1 s of CPU and would starve other probes.
        without_authorities = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        async with httpx2.AsyncClient(timeout=PROBE_TIMEOUT_SECONDS, verify=without_authorities) as client:
            response = await client.get(url)
        if response.status_code == 200:
            return None
        body = response.json()
        return str(body.get("problem", response.status_code)) if isinstance(body, dict) else str(response.status_code)
    except (httpx2.HTTPError, ValueError) as error:
        return f"no answer ({type(error).__name__})"


def probes(names: Sequence[str], running: run_file.Running) -> dict[str, str]:
    """The address to probe by process name."""
    known = {
        "rasa": f"{running.bot_url}/webhooks/offramp/ready",
        "actions": running.actions_url.removesuffix("/webhook") + "/readyz",
        "gateway": f"{running.url}/healthz",
    }
    return {name: known[name] for name in names if name in known}
