"""Renders every error as `application/problem+json` (RFC 9457). Input is never echoed."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import OutOfMemoryError, RedisError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.conversation.log import Stale
from assistant.errors import Conflict, InvalidRequest, OfframpError, TooLarge, Unavailable

log = structlog.get_logger()

_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_type"}


class TooLargeAsProblem:
    """Renders the plain 413 of FastAPI's body limit like every other error. Must be outside of that limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def with_problem(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] == TooLarge.status:
                replaced = True
                await problem(TooLarge())(scope, receive, send)
            elif not replaced:
                await send(message)

        await self._app(scope, receive, with_problem)


def problem(error: OfframpError) -> JSONResponse:
    headers = {} if error.retry_after_seconds is None else {"Retry-After": str(error.retry_after_seconds)}
    return _response(error.status, error.code, error.title, str(error), headers)


def _response(status: int, code: str, title: str, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    body = {"type": f"urn:offramp:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return JSONResponse(body, status, headers, "application/problem+json")


def add_problem_handlers(app: FastAPI) -> None:
    @app.exception_handler(OfframpError)
    async def offramp_error(request: Request, error: OfframpError) -> JSONResponse:
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(InvalidRequest("; ".join(_one(e) for e in error.errors()[:5])))

    @app.exception_handler(Stale)
    async def stale(request: Request, error: Stale) -> JSONResponse:
        return problem(Conflict())

    @app.exception_handler(RedisError)
    async def redis_down(request: Request, error: RedisError) -> JSONResponse:
        kind = "full" if isinstance(error, OutOfMemoryError) else type(error).__name__
        log.error("redis.failed", error=kind, path=request.scope["route"].path if "route" in request.scope else "")
        return problem(Unavailable())

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 413:
            return problem(TooLarge())
        code = _CODES.get(error.status_code, "http_error")
        headers = dict(error.headers) if error.headers else None
        return _response(error.status_code, code, code.replace("_", " ").capitalize(), str(error.detail), headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", error=type(error).__name__, exc_info=error)
        return problem(OfframpError())


def _one(error: dict[str, object]) -> str:
    location = error.get("loc")
    where = ".".join(str(part) for part in location[1:]) if isinstance(location, tuple) else ""
    message = str(error.get("msg", "invalid")).encode("utf-8", "replace").decode().removeprefix("Value error, ")
    if error.get("type") == "string_pattern_mismatch":
        message = "does not have the right form"
    return f"`{where.encode('utf-8', 'replace').decode()}`: {message}" if where else message
