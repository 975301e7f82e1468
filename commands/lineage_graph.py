"""Draws what is made of what, left to right, as SVG that one can click; no library and no script.

nodes and edges → a layer a step away from the sources → an order with few crossings → one ``<svg>``. It knows
no table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from html import escape

WIDTH, HEIGHT, GAP, BETWEEN, MARGIN = 152, 24, 8, 60, 6
_SWEEPS = 8
_LETTERS = 22
"""What a box has room for; the whole name is in its title."""


@dataclass(frozen=True)
class Drawn:
    """A box: what stands in it, where it leads, and the class that gives it its colour."""

    label: str
    href: str
    kind: str


def draw(nodes: Mapping[str, Drawn], edges: Mapping[str, frozenset[str]], *, title: str) -> str:
    """The picture; ``edges`` says for each node those it is made of."""
    reads = {name: sorted(edges.get(name, frozenset()) & nodes.keys()) for name in nodes}
    layers = _layers(reads)
    at = _places(layers)
    width = MARGIN * 2 + len(layers) * (WIDTH + BETWEEN) - BETWEEN
    height = MARGIN * 2 + max(len(layer) for layer in layers) * (HEIGHT + GAP) - GAP
    paths = {(source, name): _path(at[source], at[name]) for name in nodes for source in reads[name]}
    parts = [
        f'<svg class="lineage" role="img" aria-label="{escape(title)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">',
        *(f'<path class="edge" d="{path}"/>' for path in paths.values()),
    ]
    for name, node in nodes.items():
        # Drawn again with its box, to be seen while one points at it.
        mine = "".join(f'<path class="mine" d="{path}"/>' for pair, path in paths.items() if name in pair)
        parts.append(_box(name, node, at[name], mine))
    return "\n".join([*parts, "</svg>"])


def around(name: str, edges: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The node itself, all it is made of, and all that is made of it, however far."""
    read_by: dict[str, set[str]] = {}
    for node, sources in edges.items():
        for source in sources:
            read_by.setdefault(source, set()).add(node)
    return frozenset({name, *_reach(name, edges), *_reach(name, read_by)})


def _reach(name: str, steps: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    due = list(steps.get(name, ()))
    while due:
        if (one := due.pop()) not in found:
            found.add(one)
            due += steps.get(one, ())
    return found


def _layers(reads: Mapping[str, list[str]]) -> list[list[str]]:
    """Each node one layer right of the rightmost that it is made of, in an order with few crossings.

    What is made of nothing stands beside the first that reads it: the lines are short.
    """
    read_by: dict[str, list[str]] = {name: [] for name in reads}
    for name, sources in reads.items():
        for source in sources:
            read_by[source].append(name)
    depth: dict[str, int] = {}
    for name in TopologicalSorter(reads).static_order():
        depth[name] = 1 + max((depth[source] for source in reads[name]), default=-1)
    for name, sources in reads.items():
        if not sources and read_by[name]:
            depth[name] = min(depth[reader] for reader in read_by[name]) - 1
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name in reads:
        layers[depth[name]].append(name)
    for sweep in range(_SWEEPS):
        rightwards = sweep % 2 == 0
        for layer in layers if rightwards else reversed(layers):
            middle = _middles(layers)
            beside = reads if rightwards else read_by
            layer.sort(key=lambda name: (_mean([middle[n] for n in beside[name]], middle[name]), name))
    return layers


def _middles(layers: list[list[str]]) -> dict[str, float]:
    """Where in its layer a node is, from 0 to 1."""
    return {name: (n + 0.5) / len(layer) for layer in layers for n, name in enumerate(layer)}


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _places(layers: list[list[str]]) -> dict[str, tuple[float, float]]:
    """The upper left corner of each box; layers are centred on each other."""
    tallest = max(len(layer) for layer in layers)
    return {
        name: (
            MARGIN + column * (WIDTH + BETWEEN),
            MARGIN + (tallest - len(layer)) * (HEIGHT + GAP) / 2 + row * (HEIGHT + GAP),
        )
        for column, layer in enumerate(layers)
        for row, name in enumerate(layer)
    }


def _path(source: tuple[float, float], target: tuple[float, float]) -> str:
    x, y = source[0] + WIDTH, source[1] + HEIGHT / 2
    to_x, to_y = target[0], target[1] + HEIGHT / 2
    bend = BETWEEN * 0.6
    return f"M{x:g} {y:g}C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"


def _box(name: str, node: Drawn, place: tuple[float, float], mine: str) -> str:
    x, y = place
    label = node.label if len(node.label) <= _LETTERS else f"{node.label[: _LETTERS - 1]}…"
    return (
        f'<g class="box {escape(node.kind)}">{mine}<a href="{escape(node.href)}">'
        f"<title>{escape(name)}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
        f'<text x="{x + 8:g}" y="{y + HEIGHT / 2 + 4:g}">{escape(label)}</text></a></g>'
    )
