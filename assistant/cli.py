"""The `offramp` command."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console

from assistant.commands import ask_redis, failed, known_redis_url
from assistant.errors import InvalidRequest
from assistant.escalation_cli import escalation
from assistant.gaps import gaps
from assistant.learn import learn
from assistant.settings import Settings
from assistant.setup.environments import SetupError
from assistant.supervise import run_file
from knowledge_base.cli import kb

if TYPE_CHECKING:
    from assistant.desk.accounts import Accounts

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Customer support with an exit to a human.")
agents = typer.Typer(no_args_is_help=True, help="The people at the desk.")
app.add_typer(agents, name="agents")
app.add_typer(kb, name="kb")
app.add_typer(escalation, name="escalation")
# Here and not with their siblings: they read conversations, which the knowledge base knows nothing of.
kb.command("gaps")(gaps)
kb.command("learn")(learn)
console = Console(highlight=False, soft_wrap=True)

DEMO_AGENT = "demo"


@app.command()
def up() -> None:
    """Build what is missing or stale, start everything, and stop it on Ctrl-C."""
    settings = Settings()
    running = run_file.read(settings.state_dir)
    if running is not None:
        raise failed(f"Offramp is already running at {running.url}. Stop it with `offramp down`.")
    try:
        from assistant.supervise.plan import make_plan

        make_plan(settings)  # a taken port is told before minutes of building
        _build(settings, force=False)
        with run_file.held(settings.state_dir):
            asyncio.run(_serve(settings))
    except (SetupError, RuntimeError, ValueError, OSError) as error:
        raise failed(str(error)) from error


async def _serve(settings: Settings) -> None:
    from assistant.supervise.plan import make_plan
    from assistant.supervise.supervisor import Supervisor

    plan = make_plan(settings)
    supervisor = Supervisor(
        plan, settings.state_dir, lambda name, text: console.print(f"[yellow]![/yellow] {name} {text}")
    )
    stopped = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signal_number, stopped.set)
    starting = asyncio.create_task(supervisor.start(lambda name: console.print(f"[green]✓[/green] {name} is ready")))
    waiting = asyncio.create_task(stopped.wait())
    try:
        with console.status("Starting…"):
            await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            _welcome(plan.url, await _demo_agent(plan.redis_url))
            await waiting
    finally:
        starting.cancel()
        with console.status("Stopping…"):
            await supervisor.stop()
        console.print("[green]✓[/green] stopped")


async def _demo_agent(redis_url: str) -> str | None:
    """The password of the demo agent if it was created just now."""
    from assistant.conversation.redis_connection import connect
    from assistant.desk.accounts import Accounts

    redis = connect(redis_url)
    try:
        accounts = Accounts(redis)
        if await accounts.any():
            return None
        password = secrets.token_urlsafe(9)
        await accounts.add(DEMO_AGENT, password, "Mara")
        return password
    finally:
        await redis.aclose()


def _welcome(url: str, password: str | None) -> None:
    sign_in = (
        f"{DEMO_AGENT} / {password}" if password else "as before; `offramp agents add NAME` adds one or sets a password"
    )
    console.print(f"\n  Shop with the chat  {url}/\n  Agents' desk        {url}/desk\n  API documentation   {url}/docs")
    console.print(f"  Desk sign-in        {sign_in}\n\n  Ctrl-C stops everything.", markup=False)


@app.command()
def build(
    force: Annotated[bool, typer.Option(help="Build everything anew.")] = False,
) -> None:
    """Build environments, encoder, classifier, knowledge base and Rasa model, where missing or stale."""
    settings = Settings()
    try:
        _build(settings, force)
    except (SetupError, RuntimeError, ValueError, OSError) as error:
        raise failed(str(error)) from error


def _build(settings: Settings, force: bool) -> None:
    from assistant.setup.artifacts import parts

    for part in parts(settings):
        if not force and not part.stale():
            continue
        with console.status(f"{part.name}…"):
            part.build()
        console.print(f"[green]✓[/green] {part.name}")


@app.command()
def down() -> None:
    """Stop what `offramp up` started."""
    running = run_file.read(Settings().state_dir)
    if running is None:
        console.print("Nothing is running.")
        return
    os.kill(running.pid, signal.SIGTERM)
    console.print("Stopping.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """What runs, where, and whether it is ready."""
    from assistant.supervise.status import status_of

    running = run_file.read(Settings().state_dir)
    if running is None:
        if as_json:
            print(json.dumps({"url": None, "processes": []}))
        else:
            console.print("Nothing is running. Start with `offramp up`.")
        raise typer.Exit(1)
    body = asyncio.run(status_of(running))
    if as_json:
        print(json.dumps(body))
        return
    console.print(body["url"])
    for process in body["processes"]:
        mark = "[green]✓[/green]" if process["ready"] else "[red]✗[/red]"
        console.print(f"{mark} {process['name']:<8} pid {process['pid']}  port {process['port']}")


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation, and what to do."""
    from assistant.setup.doctor import findings

    problems = 0
    for finding in findings(Settings()):
        problems += finding.problem is not None
        mark = "[green]✓[/green]" if finding.problem is None else "[red]✗[/red]"
        console.print(f"{mark} {finding.name}" + (f": {finding.problem}" if finding.problem else ""))
    raise typer.Exit(1 if problems else 0)


@agents.command("add")
def add_agent(
    username: Annotated[str, typer.Argument(help="a-z, 0-9, dot, dash, underscore.")],
    name: Annotated[str | None, typer.Option(help="The name customers see.")] = None,
) -> None:
    """Add an agent, or set the password of one. The password comes from a prompt or standard input."""
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    agent = _with_accounts(lambda accounts: accounts.add(username, password, name))
    console.print(f"[green]✓[/green] {username} can sign in; customers see “{agent.name}”.")


def _with_accounts(act: Callable[[Accounts], Awaitable[T]]) -> T:
    """What `act` returns with the accounts of the running product, or of the configured Redis."""
    from assistant.conversation.redis_connection import connect
    from assistant.desk.accounts import Accounts

    async def with_connection(url: str) -> T:
        redis = connect(url)
        try:
            return await act(Accounts(redis))
        finally:
            await redis.aclose()

    try:
        return ask_redis(Settings(), with_connection)
    except InvalidRequest as error:
        raise failed(str(error)) from error


@agents.command("list")
def list_agents() -> None:
    """Who can sign in."""
    for agent in _with_accounts(lambda accounts: accounts.all()):
        console.print(f"{agent.username}  {agent.name}", markup=False)


@agents.command("remove")
def remove_agent(username: str) -> None:
    """Take an agent's access away; open sessions end."""
    if not _with_accounts(lambda accounts: accounts.remove(username)):
        raise failed(f"There is no agent {username}.")
    console.print(f"[green]✓[/green] {username} can't sign in any more.")


@app.command()
def replay(
    input: Annotated[Path, typer.Option(help="JSONL: {id, turns: [{role, text}]}")],
    output: Annotated[Path, typer.Option(help="JSONL: a line a customer turn.")],
    channel: Annotated[str, typer.Option(help="Use the thresholds of this channel.")] = "",
    tier: Annotated[str, typer.Option(help="Use the thresholds of this tier.")] = "",
) -> None:
    """Run the escalation rules over stored dialogues and show what would have fired, where and why."""
    from assistant.replay.run import replay_file

    try:
        report = replay_file(input, output, Settings().state_dir, channel, tier)
    except (RuntimeError, ValueError, OSError) as error:
        raise failed(str(error)) from error
    for rule, count in report.first.most_common():
        console.print(f"  {count:5} of {report.dialogues} dialogues handed off by {rule}")
    console.print(f"  {report.offered:5} more would have been offered a person")
    console.print(f"[green]✓[/green] {report.turns} customer turns written to {output}")


@app.command()
def audit() -> None:
    """Read all conversation logs and check what must always hold."""
    from assistant.observe.audit import audit_all

    settings = Settings()
    if known_redis_url(settings) is None:
        raise failed("Nothing is running. Start with `offramp up`, or set REDIS_URL.")
    report = ask_redis(settings, audit_all)
    for violation in report.violations:
        console.print(f"[red]✗[/red] {violation}", markup=True)
    console.print(
        f"{report.conversations} conversations, {report.messages} messages, {len(report.violations)} violations"
    )
    raise typer.Exit(1 if report.violations else 0)


def main() -> None:
    with suppress(KeyboardInterrupt):
        app()
