"""What a mail says around the pages' own sentences, in the languages of the reports."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "{company}: {titles}, {day}",
        "alert_subject": "{company}: {names}",
        "greeting": "{name}, this is what the reports say. {standing}",
        "alert_greeting": "{name}, these numbers crossed the threshold you set.",
        "above": "{name} is {value}, above {threshold}. It was {crossed} when it crossed, at {at}.",
        "below": "{name} is {value}, below {threshold}. It was {crossed} when it crossed, at {at}.",
        "back": "{name} is {value} again. It had crossed {threshold} at {at}, with {crossed}.",
        "attached": "The pages are attached as PDF, as you may see them.",
        "open": "Open the reports",
        "why": "You get this because you asked for it ({number}). Whoever looks after the reports can pause "
               "it: {pause}",
        "file": "report",
    },
    "es": {
        "subject": "{company}: {titles}, {day}",
        "alert_subject": "{company}: {names}",
        "greeting": "{name}, esto dicen los informes. {standing}",
        "alert_greeting": "{name}, estos números cruzaron el umbral que pusiste.",
        "above": "{name} está en {value}, por encima de {threshold}. Era {crossed} al cruzarlo, el {at}.",
        "below": "{name} está en {value}, por debajo de {threshold}. Era {crossed} al cruzarlo, el {at}.",
        "back": "{name} vuelve a estar en {value}. Había cruzado {threshold} el {at}, con {crossed}.",
        "attached": "Las páginas van adjuntas en PDF, tal como puedes verlas.",
        "open": "Abrir los informes",
        "why": "Recibes este correo porque lo pediste ({number}). Quien cuida de los informes puede "
               "pausarlo: {pause}",
        "file": "informe",
    },
}  # fmt: skip


def words(locale: str) -> Mapping[str, str]:
    """The words of a locale such as ``es_MX``; English where there are none in its language."""
    return _WORDS.get(locale.replace("-", "_").partition("_")[0], _WORDS["en"])
