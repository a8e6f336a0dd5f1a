"""The pages: the widget with its loader, the demo shop, the desk. Static files with strict headers."""

from __future__ import annotations

from pathlib import Path

import swagger_ui_bundle
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CHANNELS = Path(__file__).parent
DESK_PAGES = CHANNELS.parent / "desk" / "pages"

_STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; base-uri 'none'; form-action 'self'"
)
# The chat must be framed by shops anywhere, the desk by nobody.
_POLICIES = (
    ("/widget/", f"{_STRICT}; frame-ancestors *"),
    ("/docs", None),
    ("/desk", f"{_STRICT}; frame-ancestors 'none'"),
    ("/", f"{_STRICT}; frame-src 'self'; frame-ancestors 'none'"),
)


def add_pages(app: FastAPI) -> None:
    @app.get("/widget.js", include_in_schema=False)
    async def loader() -> FileResponse:
        headers = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
        return FileResponse(CHANNELS / "widget" / "loader.js", media_type="text/javascript", headers=headers)

    @app.get("/", include_in_schema=False)
    async def shop() -> FileResponse:
        return FileResponse(CHANNELS / "shop" / "index.html")

    # Where the links in the demo articles lead.
    @app.get("/help/{page:path}", include_in_schema=False)
    @app.get("/gift-cards", include_in_schema=False)
    @app.get("/gift-cards/balance", include_in_schema=False)
    async def shop_help() -> FileResponse:
        return FileResponse(CHANNELS / "shop" / "help.html")

    @app.get("/desk", include_in_schema=False)
    async def desk() -> FileResponse:
        return FileResponse(DESK_PAGES / "index.html")

    @app.get("/docs", include_in_schema=False)
    async def api_documentation() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Offramp API",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon-32x32.png",
        )

    # Shipped with a package: the page works without the internet.
    app.mount("/docs/assets", StaticFiles(directory=swagger_ui_bundle.swagger_ui_path))
    app.mount("/widget", StaticFiles(directory=CHANNELS / "widget", html=True))
    app.mount("/shop", StaticFiles(directory=CHANNELS / "shop"))
    app.mount("/desk", StaticFiles(directory=DESK_PAGES, html=True))


class SecurityHeaders:
    """Adds the content policy of a page and the usual headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        extra = [(name.encode(), value.encode()) for name, value in headers_for(scope["path"]).items()]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._app(scope, receive, with_headers)


def headers_for(path: str) -> dict[str, str]:
    policy = next((policy for prefix, policy in _POLICIES if path.startswith(prefix)), _STRICT)
    headers = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
    return {**headers, "Content-Security-Policy": policy} if policy else headers
