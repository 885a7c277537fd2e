"""Whether a page can be used by everyone: the rules of axe-core, and contrast on canvases."""

import json
from importlib.resources import files
from typing import Any

from tests.browser import Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def violations(page: Page, *, contrast_alone: bool = False) -> list[tuple[str, Any]]:
    """What axe-core finds: the rule, and the elements."""
    if not page.evaluate("'axe' in window"):
        source = (files("axe_core_python") / "axe.min.js").read_text("utf-8")
        page.evaluate(f"{source};0")
    only = {"type": "rule", "values": ["color-contrast"]}
    options = json.dumps({"runOnly": only if contrast_alone else {"type": "tag", "values": _RULES}})
    found = page.evaluate(
        f"axe.run(document, {options}).then(result => result.violations.map("
        "rule => [rule.id, rule.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]))"
    )
    return [(rule, nodes) for rule, nodes in found]


def fill_contrasts(page: Page) -> list[float]:
    """The contrast of labels on each fill of a treemap, as WCAG 2 defines it."""
    result: list[float] = page.evaluate(
        """(() => {
        const probe = document.body.appendChild(document.createElement("span"));
        const luminance = (name) => {
          probe.style.color = `var(--${name})`;
          const parts = getComputedStyle(probe).color.match(/[0-9.]+/g).slice(0, 3).map(Number);
          const linear = parts.map(v => v / 255).map(
            v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
        };
        const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const label = luminance("label");
        const names = ["surface", "raised", ...Array.from({length: 9}, (_, at) => `fill-${at}`)];
        const found = names.map(name => ratio(label, luminance(name)));
        probe.remove();
        return found;
        })()"""
    )
    return result
