"""Blocks to choose from, with scripts and without."""

from __future__ import annotations

from xml.etree import ElementTree

from twin.lab.draw.choice import SCRIPT, choice
from twin.lab.draw.page import page


def test_without_scripts_every_block_can_be_opened_and_the_first_one_is() -> None:
    box = ElementTree.fromstring(
        choice("Forecasts of", [("saw", "<p>1</p>"), ("a<b", "<p>2</p>")]).replace(" hidden", "").replace(" open", "")
    )
    blocks = box.findall("details")
    assert [block.findtext("summary") for block in blocks] == ["saw", "a<b"]
    assert [block.findtext("p") for block in blocks] == ["1", "2"]
    assert "open><summary>saw" in choice("x", [("saw", ""), ("b", "")])
    assert [option.text for option in box.iter("option")] == ["saw", "a<b"]


def test_the_choice_is_hidden_until_the_script_shows_it() -> None:
    assert "<label hidden>" in choice("x", [("a", ""), ("b", "")])
    assert "parentElement.hidden = false" in SCRIPT


def test_one_block_needs_no_choice_and_a_page_without_one_no_script() -> None:
    alone = choice("x", [("saw", "<p>1</p>")])
    assert "<select" not in alone
    assert "<h3>saw</h3><p>1</p>" in alone
    assert choice("x", []) == ""
    assert "<script" not in page("t", alone)
    assert page("t", choice("x", [("a", ""), ("b", "")])).count("<script>") == 1
