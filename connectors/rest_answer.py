"""Takes an HTTP answer in whole, within limits of time and size, whatever the system does meanwhile.

request → bytes, timed and counted as they come → a response that is all there. Judges no status and asks
nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from connectors.errors import Refused, Unreachable
from connectors.rest_errors import Place

# Bytes of an answer, unpacked. A page of 1,000 documents with 100 lines each has 30 MiB: what is
# larger than many of those is no page, and would take the memory of the runs beside this one.
LARGEST = 256 * 2**20
# The body is no longer as these headers say once it is whole and unpacked.
_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Timed(httpx.SyncByteStream):
    """A body that must be there in time; httpx limits each read alone, and one that drips passes those."""

    def __init__(self, stream: httpx.SyncByteStream, *, asked: str, began: float, all_s: float) -> None:
        self._stream, self._asked, self._began, self._all_s = stream, asked, began, all_s

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() - self._began > self._all_s:
                raise Unreachable(
                    f"{self._asked} came too slowly: it had not ended after {self._all_s:g} s. "
                    "Expected a whole answer by then; is it overloaded?"
                )
            yield chunk

    def close(self) -> None:
        self._stream.close()


def whole(
    http: httpx.Client, request: httpx.Request, *, place: Place, began: float, all_s: float
) -> httpx.Response:
    """The answer with all of its body; ``began`` is when its question was first asked (monotonic)."""
    asked = f"{place}: the answer to {request.method} {request.url.path}"
    response = http.send(request, stream=True)
    try:
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Timed(response.stream, asked=asked, began=began, all_s=all_s)
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > LARGEST:
                raise Refused(
                    f"{asked} has more than {LARGEST:,} bytes; expected at most that many. "
                    f"Is {place.setting}_URL its API, and does it keep to the page size it is asked for?"
                )
            chunks.append(chunk)
    finally:
        response.close()
    headers = [each for each in response.headers.multi_items() if each[0].lower() not in _OF_THE_WAY]
    return httpx.Response(response.status_code, headers=headers, content=b"".join(chunks), request=request)
