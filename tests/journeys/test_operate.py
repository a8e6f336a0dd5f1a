"""What the operator sees on the command line while the product runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stack import Stack, until


def test_status_names_the_four_processes(stack: Stack) -> None:
    shown = stack.run("status", "--json")

    assert shown.returncode == 0
    body = json.loads(shown.stdout)
    assert set(body) == {"url", "processes"}
    assert body["url"] == stack.url
    assert {process["name"] for process in body["processes"]} == {"redis", "rasa", "actions", "gateway"}
    for process in body["processes"]:
        assert set(process) == {"name", "pid", "port", "ready"}
        assert process["ready"] is True
        assert Path(f"/proc/{process['pid']}").exists()
    assert {p["port"] for p in body["processes"] if p["name"] == "gateway"} == {stack.port}


def test_status_without_a_running_product_says_so(tmp_path: Path) -> None:
    shown = Stack(tmp_path).run("status", "--json")

    assert shown.returncode == 1
    assert json.loads(shown.stdout) == {"url": None, "processes": []}


def test_the_doctor_finds_nothing_wrong(stack: Stack) -> None:
    checked = stack.run("doctor")

    assert checked.returncode == 0, checked.stdout
    assert "✗" not in checked.stdout
    assert all(f"✓ {name} is ready" in checked.stdout for name in ("redis", "rasa", "actions", "gateway"))


def test_a_taken_port_is_told_in_one_clear_line(stack: Stack, tmp_path: Path) -> None:
    refused = Stack(tmp_path, OFFRAMP_PORT=str(stack.port)).run("up")

    assert refused.returncode == 1
    [line] = (refused.stdout + refused.stderr).strip().splitlines()
    assert f"Port {stack.port} is in use" in line
    assert "OFFRAMP_PORT" in line


def test_a_second_start_of_the_same_installation_is_refused_in_one_clear_line(stack: Stack) -> None:
    refused = stack.run("up")

    assert refused.returncode == 1
    [line] = (refused.stdout + refused.stderr).strip().splitlines()
    assert "already running" in line
    assert stack.url in line


def test_the_logs_hold_no_text_of_customers(stack: Stack) -> None:
    secret = "zebra-marmalade-4711"
    customer = stack.customer()
    customer.say(f"my password is {secret}, where is my order TT-104233?")
    customer.say(f"let me speak to a person about {secret}")

    logs = sorted((stack.state_dir / "logs").glob("*.log"))
    assert {"gateway.log", "rasa.log", "actions.log"} <= {log.name for log in logs}
    until(lambda: customer.conversation_id in (stack.state_dir / "logs" / "gateway.log").read_text(), what="a log line")
    assert [log.name for log in logs if secret in log.read_text(errors="replace")] == []


@pytest.mark.after_all_others
def test_the_auditor_finds_nothing_wrong_after_all_this(stack: Stack) -> None:
    stack.customer().say("hello")
    audited = stack.run("audit")

    assert audited.returncode == 0, audited.stdout
    assert audited.stdout.strip().endswith(", 0 violations")
    assert int(audited.stdout.split()[0]) > 0
