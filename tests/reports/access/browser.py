"""A browser as far as signing in goes: keeps cookies, sends forms with the token of the page it shows."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
from fastapi import FastAPI


class Browser:
    """Asks an application in this process; it follows no redirect by itself."""

    def __init__(
        self, app: FastAPI, *, base: str = "http://localhost", address: str = "192.0.2.7", raises: bool = True
    ) -> None:
        self._app = app
        self._address = address
        self._raises = raises
        self.base = base
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(
                self._app, client=(self._address, 50000), raise_app_exceptions=self._raises
            )
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asked())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **{"headers": {"accept": "text/html"}, **more})

    def token(self, page: str = "/sign-in") -> str:
        """The token in the form of a page."""
        (token,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', self.get(page).text))
        return str(token)

    def post(self, path: str, form: dict[str, str], **more: Any) -> httpx.Response:
        return self.ask("POST", path, **{"data": form, "headers": {"origin": self.base}, **more})

    def sign_in(self, name: str, password: str, *, next_path: str = "/") -> httpx.Response:
        form = {"name": name, "password": password, "next": next_path, "csrf_token": self.token()}
        return self.post("/sign-in", form)
