"""Who may come to the desk, and in which order customers are served."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from live import stream
from stack import PASSWORD, Agent, Stack

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
ROW_FIELDS = {
    *("conversation_id", "channel", "owner", "agent", "customer", "context"),
    *("reason", "waiting_since", "last_message", "negative"),
}


@pytest.fixture
def browser(stack: Stack, mara: Agent) -> Iterator[httpx2.Client]:
    """Signed in by cookie, as the desk's page is."""
    with httpx2.Client(base_url=stack.url, timeout=30) as http:
        assert sign_in(http, "mara", PASSWORD).status_code == 200
        yield http


def sign_in(http: httpx2.Client, username: str, password: str) -> httpx2.Response:
    return http.post("/v1/desk/sessions", json={"username": username, "password": password})


def test_a_wrong_name_and_a_wrong_password_look_the_same(stack: Stack, mara: Agent) -> None:
    with httpx2.Client(base_url=stack.url, timeout=30) as http:
        answers = [sign_in(http, "mara", "wrong password"), sign_in(http, "nobody", PASSWORD)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_guessing_passwords_is_slowed_down(stack: Stack) -> None:
    with httpx2.Client(base_url=stack.url, timeout=30) as http:
        answers = [sign_in(http, "guessed", f"wrong password {n}") for n in range(12)]

    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].json()["code"] == "too_many"


def test_the_cookie_cannot_be_read_or_sent_by_other_sites(stack: Stack, mara: Agent) -> None:
    with httpx2.Client(base_url=stack.url, timeout=30) as http:
        cookie = sign_in(http, "mara", PASSWORD).headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_request_from_another_site_is_refused(stack: Stack, browser: httpx2.Client) -> None:
    customer = stack.customer()
    customer.say("let me speak to a person")
    path = f"/v1/desk/conversations/{customer.conversation_id}"

    for site in ("cross-site", "same-site"):
        for method, target in (("POST", f"{path}/claim"), ("GET", path), ("GET", "/v1/desk/queue")):
            refused = browser.request(method, target, headers={"Sec-Fetch-Site": site})
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert customer.owner() == "waiting"

    assert browser.post(f"{path}/claim", headers=SAME_ORIGIN).status_code == 200


def test_without_a_session_the_desk_is_closed(stack: Stack) -> None:
    customer = stack.customer()
    path = f"/v1/desk/conversations/{customer.conversation_id}"
    for headers in ({}, {"Authorization": f"Bearer {customer.token}"}, {"Cookie": "offramp_desk=nonsense"}):
        with httpx2.Client(base_url=stack.url, headers=headers) as http:
            answers = [http.get(target) for target in ("/v1/desk/me", "/v1/desk/queue", "/v1/desk/events", path)]
            answers += [http.post(f"{path}/{action}") for action in ("claim", "return", "resolve")]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, "not_authenticated")}


def test_signing_out_ends_the_session(browser: httpx2.Client) -> None:
    cookie = {"Cookie": f"offramp_desk={browser.cookies['offramp_desk']}"}
    assert browser.get("/v1/desk/me").json() == {"username": "mara", "name": "Mara"}

    assert browser.delete("/v1/desk/sessions").status_code == 204

    assert browser.get("/v1/desk/me", headers=cookie).status_code == 401


def test_signing_out_with_a_token_ends_it_too(stack: Stack, mara: Agent) -> None:
    session = Agent.sign_in(stack.url, "mara", PASSWORD)
    assert session.http.delete("/v1/desk/sessions").status_code == 204

    assert session.http.get("/v1/desk/me").status_code == 401


def test_adding_an_agent_again_changes_the_password_and_the_name(stack: Stack) -> None:
    stack.agent("nils", "the first password")
    changed = stack.run("agents", "add", "nils", "--name", "Nils B.", stdin="the second password\n")
    assert changed.returncode == 0, changed.stderr
    assert "password" not in changed.stdout

    with httpx2.Client(base_url=stack.url, timeout=30) as http:
        assert sign_in(http, "nils", "the first password").status_code == 401
        assert sign_in(http, "nils", "the second password").json()["agent"] == {"username": "nils", "name": "Nils B."}


@pytest.mark.parametrize(("username", "password"), [("nils", "short"), ("No Spaces", "long enough password")])
def test_an_unfit_agent_is_refused_in_one_line(username: str, password: str, stack: Stack) -> None:
    refused = stack.run("agents", "add", username, stdin=f"{password}\n")

    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "Traceback" not in refused.stderr


def test_who_waits_longest_is_served_first(stack: Stack, mara: Agent) -> None:
    claimed, first, second = (stack.customer() for _ in range(3))
    for customer in (claimed, first, second):
        customer.say("let me speak to a person")
    mara.act(claimed.conversation_id, "claim")

    rows = mara.queue()

    ids = [row["conversation_id"] for row in rows]
    places = [ids.index(customer.conversation_id) for customer in (first, second, claimed)]
    assert places == sorted(places), "the longest waiting first, then those with a human"
    waiting = [row["waiting_since"] for row in rows if row["owner"] == "waiting"]
    assert waiting == sorted(waiting)
    positions = [c.http.get(c.path).json()["queue"]["position"] for c in (first, second)]
    assert positions == [places[0] + 1, places[1] + 1], "what the customer is told is where the desk has them"
    assert all(set(row) == ROW_FIELDS for row in rows)


def test_a_row_names_the_topic_that_people_handle(stack: Stack, mara: Agent) -> None:
    """Of the message; where an article for people only speaks of it, its id."""
    said = {
        "I want to kill myself": "self_harm",
        "The stove exploded and I burned my hand badly": "product-injury",
        "let me speak to a person": None,
    }
    customers = {text: stack.customer() for text in said}
    for text, customer in customers.items():
        customer.say(text)
    taken = stack.customer()
    mara.act(taken.conversation_id, "claim")

    reasons = {row["conversation_id"]: row["reason"] for row in mara.queue()}

    assert {text: reasons[customer.conversation_id]["topic"] for text, customer in customers.items()} == said
    assert reasons[taken.conversation_id]["topic"] is None
    assert all(set(reason) == {"code", "text", "topic"} for reason in reasons.values())


def test_arrivals_and_departures_are_seen_live(stack: Stack, mara: Agent, tom: Agent) -> None:
    customer = stack.customer()
    cid = customer.conversation_id
    with stream(mara.http, "/v1/desk/events") as desk:
        desk.until_line(":")
        asked = customer.say("let me speak to a person")
        assert asked["replies"][-1]["text"].startswith("You're "), "somebody is at the desk: a place in line"

        def status(name: str) -> dict[str, object] | None:
            frame = desk.until(lambda f: f["conversation_id"] == cid and (f["event"] or {}).get("status") == name)
            row: dict[str, object] | None = frame["row"]
            return row

        arrived = status("handoff_requested")
        assert arrived is not None
        assert (arrived["owner"], set(arrived)) == ("waiting", ROW_FIELDS)
        tom.act(cid, "claim")
        taken = status("agent_joined")
        assert taken is not None
        assert taken["agent"] == {"username": "tom", "name": "Tom"}
        tom.act(cid, "resolve")
        assert status("resolved") is None, "closed: off the desk"


def test_articles_are_suggested_for_a_question(mara: Agent) -> None:
    found = mara.http.get("/v1/desk/articles", params={"q": "What forms of payment do you take?"}).json()["articles"]

    assert found[0]["id"] == "payment-methods"
    assert set(found[0]) == {"id", "question", "answer", "html", "probability"}


def test_a_repeated_reply_is_sent_once(stack: Stack, mara: Agent) -> None:
    customer = stack.customer()
    mara.act(customer.conversation_id, "claim")
    body = {"client_message_id": "r1", "text": "Hello."}

    answers = [mara.act(customer.conversation_id, "messages", body) for _ in range(2)]
    other = mara.act(customer.conversation_id, "messages", {**body, "text": "Another."})

    assert answers[0].json() == answers[1].json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert [e["text"] for e in customer.events() if e["author"]["role"] == "agent"] == ["Hello."]


def test_bad_input_at_the_desk_gets_a_problem(stack: Stack, mara: Agent) -> None:
    cid = stack.customer().conversation_id
    mara.act(cid, "claim")
    headers = {"Content-Type": "application/json"}
    for action, body, status in (
        ("messages", '{"client_message_id":"a","text":"\\ud800"}', 422),
        ("messages", '{"client_message_id":"a","text":" "}', 422),
        ("notes", '{"client_message_id":"a","text":5}', 422),
        ("resolve", '{"note":"\\ud800"}', 422),
        ("return", '{"note":["x"]}', 422),
        ("nothing", "{}", 404),
    ):
        answer = mara.http.post(f"/v1/desk/conversations/{cid}/{action}", content=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
    for target in ("/v1/desk/queue?view=none", "/v1/desk/articles", "/v1/desk/articles?q="):
        assert mara.http.get(target).status_code == 422
    assert mara.http.get(f"/v1/desk/conversations/{'a' * 26}").status_code == 404
    assert mara.open(cid)["conversation"]["owner"] == "human", "no note, no change"
