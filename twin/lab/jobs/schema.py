"""tandem schema [NAME] [as=json|page] [json=FILE]

What a yaml may hold, from the models that check it.

  tandem schema                                      names: a kind of plant, a policy, a surrogate, twin, network, run
  tandem schema policy.predictive                    JSON Schema; editors complete and check with it
  tandem schema policy as=page                       the same as a page to read, as in conf/policy/fields.md

An editor with a YAML language server takes the schema from the yaml's first line:

  # yaml-language-server: $schema=plant.json
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence

from twin.lab.arguments import split
from twin.lab.errors import UserError


def main(arguments: Sequence[str]) -> None:
    """Print names, a JSON Schema or a page."""
    from twin.lab.configure.schema.models import by_name
    from twin.lab.configure.schema.pages import json_schema
    from twin.lab.configure.schema.reference import page_of, pages
    from twin.lab.record.json_rows import write_text

    names, options = split(arguments, ("as", "json"), "schema")
    form = options.get("as", "json")
    if form not in ("json", "page"):
        raise UserError(f"as = {form}: must be json or page")
    if not names:
        print("\n".join(by_name()))
        return
    known = [*by_name(), *(name for name in pages().values() if form == "page")]
    if len(names) > 1 or names[0] not in known:
        close = difflib.get_close_matches(names[0], known, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise UserError(f"{' '.join(names)}: must be one name; {hint}names are {', '.join(known)}")
    text = page_of(names[0]) if form == "page" else json.dumps(json_schema(names[0], by_name()[names[0]]), indent=2)
    if "json" in options:
        write_text(options["json"], text)
    else:
        print(text, end="" if form == "page" else "\n")
