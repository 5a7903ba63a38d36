"""Names: a word stands for one thing in the whole tree."""

from __future__ import annotations

import ast

from tests.layout import ROOT, files


def test_a_class_name_stands_for_one_class() -> None:
    places: dict[str, list[str]] = {}
    for path in files():
        for node in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {word: where for word, where in places.items() if len(where) > 1} == {}
