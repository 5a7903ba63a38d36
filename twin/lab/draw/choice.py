"""Blocks of a page of which one is shown at a time, by the reader's choice; without scripts each can be unfolded."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# Shows the block that is chosen and hides the others; until it has run, the blocks are ordinary folded parts.
SCRIPT = """<script>
document.querySelectorAll('.choice').forEach(box => {
  const select = box.querySelector('select'), blocks = [...box.querySelectorAll(':scope > details')];
  const show = () => blocks.forEach((block, i) => { block.hidden = !(block.open = i === select.selectedIndex) });
  select.parentElement.hidden = false;
  box.classList.add('live');
  select.onchange = show;
  show();
});
</script>"""


def choice(what: str, blocks: Sequence[tuple[str, str]]) -> str:
    """(name, HTML) of each block, the first one shown. what: is chosen. One block alone gets a heading, no choice."""
    if len(blocks) < 2:
        return "".join(f"<h3>{escape(name)}</h3>{body}" for name, body in blocks)
    options = "".join(f"<option>{escape(name)}</option>" for name, _ in blocks)
    parts = "".join(
        f"<details{'' if place else ' open'}><summary>{escape(name)}</summary>{body}</details>"
        for place, (name, body) in enumerate(blocks)
    )
    label = f'<label hidden>{escape(what)} <select autocomplete="off">{options}</select></label>'
    return f'<div class="choice">{label}{parts}</div>'
