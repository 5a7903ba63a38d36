"""The pages of conf/ that are made from the models: one for each kind of plant, one for each other group."""

from __future__ import annotations

from twin.lab.configure.schema.models import by_name
from twin.lab.configure.schema.pages import page

NOTE = (
    "Made by `tandem schema {name} as=page` from the models that check every configuration; do not edit. "
    "A quantity may have a unit: `90 min`, `4 h`, `2 days`, `30 kW`. `tandem schema {one}` prints the JSON Schema."
)


def pages() -> dict[str, str]:
    """Path in conf/ → name that `tandem schema` takes: a plant kind, or a whole group."""
    plants = {f"plant/{name.partition('.')[2]}.md": name for name in by_name() if name.startswith("plant.")}
    return plants | {f"{group}/fields.md": group for group in ("network", "policy", "surrogate", "twin")}


def page_of(name: str) -> str:
    """The page of one model, or of all of a group."""
    models = {n: model for n, model in by_name().items() if n == name or n.startswith(f"{name}.")}
    return page(f"Fields of {name}", models, NOTE.format(name=name, one=next(iter(models))))
