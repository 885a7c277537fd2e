// A treemap: the squarified layout of Bruls, Huizing and van Wijk (2000), drawn on a canvas. What is
// directly in the open folder is also there as elements, for the keyboard and screen readers.

const MAX_CELLS = 200;
const HEADING = 18; // pixels for the name of a folder

/** Lays nodes out in a rectangle, in descending order of their values. */
function squarify(nodes, value, left, top, right, bottom, place) {
  let total = nodes.reduce((sum, node) => sum + value(node), 0);
  let at = 0;
  while (at < nodes.length && right - left > 0.4 && bottom - top > 0.4) {
    const width = right - left;
    const height = bottom - top;
    const side = Math.min(width, height);
    const scale = (width * height) / total;
    let sum = 0;
    let worst = Infinity;
    let end = at;
    while (end < nodes.length) {
      const area = value(nodes[end]) * scale;
      const row = (sum + value(nodes[end])) * scale;
      const largest = value(nodes[at]) * scale;
      const ratio = Math.max((side * side * largest) / (row * row), (row * row) / (side * side * area));
      if (ratio > worst) break;
      worst = ratio;
      sum += value(nodes[end]);
      end += 1;
    }
    const depth = (sum * scale) / side;
    let along = width >= height ? top : left;
    for (; at < end; at += 1) {
      const length = (value(nodes[at]) / sum) * side;
      if (width >= height) place(nodes[at], left, along, left + depth, along + length);
      else place(nodes[at], along, top, along + length, top + depth);
      along += length;
    }
    if (width >= height) left += depth;
    else top += depth;
    total -= sum;
  }
}

/**
 * A treemap in `host`.
 * `value` is the size of a node, `fill` the number of a leaf's color, `describe` lines about a node,
 * `figure` a size in words, `isDim` whether it stands back, `onOpen` is called with what was clicked.
 */
function treemap(host, { label, value, figure, fill, describe, isDim, onOpen }) {
  const canvas = create("canvas", { "aria-hidden": "true" });
  const cells = create("div", { class: "cells", role: "listbox", tabindex: 0, "aria-label": label });
  const tip = create("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  host.append(canvas, cells);
  document.body.append(tip);
  let open = null;
  let drawn = []; // what can be pointed at, in the order it was drawn
  let placed = []; // the elements, each with its node and rectangle
  let current = -1;
  const sorted = new Map();

  function inside(node) {
    let children = sorted.get(node);
    if (!children) {
      children = node.children.filter((child) => value(child) > 0).sort((a, b) => value(b) - value(a));
      sorted.set(node, children);
    }
    return children;
  }

  function draw() {
    if (!open) return;
    const { width, height } = host.getBoundingClientRect();
    if (!width || !height) return;
    const density = Math.min(3, devicePixelRatio || 1);
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    const context = canvas.getContext("2d");
    context.scale(density, density);
    const fills = colors(...Array.from({ length: 9 }, (_, at) => `fill-${at}`));
    const [label, surface, raised, line, page] = colors("label", "surface", "raised", "line", "page");
    const family = getComputedStyle(document.body).fontFamily;
    context.textBaseline = "middle";
    drawn = [];
    const tops = [];

    function write(text, left, top, right, weight) {
      context.font = `${weight} 12px ${family}`;
      const room = right - left;
      let shown = text.length > 120 ? text.slice(0, 120) : text;
      if (context.measureText(shown).width > room) {
        let low = 0;
        let high = shown.length;
        while (low < high) {
          const middle = (low + high + 1) >> 1;
          if (context.measureText(`${shown.slice(0, middle)}…`).width <= room) low = middle;
          else high = middle - 1;
        }
        if (low < 3) return;
        shown = `${shown.slice(0, low)}…`;
      }
      context.fillStyle = label;
      context.fillText(shown, left, top);
    }

    function place(node, left, top, right, bottom, level) {
      if (level === 0) tops.push({ node, left, top, right, bottom });
      const wide = right - left;
      const high = bottom - top;
      if (wide < 0.7 || high < 0.7) return;
      drawn.push({ node, left, top, right, bottom });
      if (!node.isFolder) {
        context.globalAlpha = isDim(node) ? 0.25 : 1;
        context.fillStyle = fills[fill(node)];
        const gap = Math.min(1, wide / 6, high / 6);
        context.beginPath();
        context.roundRect(left + gap / 2, top + gap / 2, wide - gap, high - gap, wide > 12 && high > 12 ? 3 : 0);
        context.fill();
        if (wide > 46 && high > 17) {
          write(node.name, left + 6, high > 40 ? top + 13 : top + high / 2, right - 5, 400);
          if (high > 40 && wide > 60) write(figure(value(node)), left + 6, top + 28, right - 5, 400);
        }
        context.globalAlpha = 1;
        return;
      }
      const framed = wide > 34 && high > 34;
      if (framed) {
        context.fillStyle = level % 2 ? raised : surface;
        context.strokeStyle = line;
        context.beginPath();
        context.roundRect(left + 1.5, top + 1.5, wide - 3, high - 3, 4);
        context.fill();
        context.stroke();
        write(`${node.name}/`, left + 7, top + HEADING / 2 + 2, right - 6, 600);
      }
      const inset = framed ? 3.5 : Math.min(1, wide / 8, high / 8);
      squarify(inside(node), value, left + inset, top + (framed ? HEADING + 1 : inset), right - inset, bottom - inset,
        (child, l, t, r, b) => place(child, l, t, r, b, level + 1));
    }

    context.fillStyle = page;
    context.fillRect(0, 0, width, height);
    squarify(inside(open), value, 0, 0, width, height, (node, l, t, r, b) => place(node, l, t, r, b, 0));
    layCells(tops);
  }

  function layCells(tops) {
    const kept = placed[current]?.node;
    placed = tops.slice(0, MAX_CELLS);
    cells.replaceChildren(...placed.map(({ node, left, top, right, bottom }, at) => {
      const cell = create("div", {
        class: "cell", role: "option", id: `cell-${at}`, "aria-selected": "false",
        "aria-label": describe(node).join(", "),
      });
      Object.assign(cell.style, {
        left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
      });
      return cell;
    }));
    if (!placed.length) {
      cells.append(create("div", { class: "nothing", role: "option", "aria-selected": "false" }, "There are no tokens here."));
    }
    const again = placed.findIndex(({ node }) => node === kept);
    select(again, false);
  }

  function select(at, scroll = true) {
    current = at;
    [...cells.children].forEach((cell, number) => {
      cell.classList.toggle("current", number === at);
      cell.setAttribute("aria-selected", String(number === at));
    });
    if (at >= 0) cells.setAttribute("aria-activedescendant", `cell-${at}`);
    else cells.removeAttribute("aria-activedescendant");
    if (scroll && at >= 0) {
      const { node, left, top, right } = placed[at];
      const box = host.getBoundingClientRect();
      showTip(node, box.left + (left + right) / 2, box.top + top + 12);
    }
  }

  function showTip(node, x, y) {
    tip.replaceChildren(...describe(node).map((text) => create("p", null, create("bdi", null, text))));
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(6, Math.min(x + 14, innerWidth - width - 6))}px`;
    tip.style.top = `${y + 18 + height > innerHeight ? Math.max(6, y - height - 10) : y + 18}px`;
  }

  const hideTip = () => { tip.hidden = true; };
  const within = (event) => {
    const box = host.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const holds = ([x, y]) => (each) => x >= each.left && x < each.right && y >= each.top && y < each.bottom;

  cells.addEventListener("pointermove", (event) => {
    const found = drawn.findLast(holds(within(event)));
    if (found) showTip(found.node, event.clientX, event.clientY);
    else hideTip();
  });
  cells.addEventListener("pointerleave", hideTip);
  cells.addEventListener("blur", hideTip);
  addEventListener("scroll", hideTip, { passive: true });
  cells.addEventListener("click", (event) => {
    const at = placed.findIndex(holds(within(event)));
    if (at >= 0) openCell(at);
  });
  cells.addEventListener("focus", () => { if (current < 0 && placed.length) select(0, false); });

  function openCell(at) {
    const { node } = placed[at];
    select(at, false);
    hideTip();
    onOpen(node);
  }

  /** The nearest cell in a direction. */
  function next(x, y) {
    const from = placed[current];
    const centre = (each) => [(each.left + each.right) / 2, (each.top + each.bottom) / 2];
    const [fromX, fromY] = centre(from);
    let best = -1;
    let least = Infinity;
    placed.forEach((each, at) => {
      const [toX, toY] = centre(each);
      const along = (toX - fromX) * x + (toY - fromY) * y;
      const across = Math.abs((toX - fromX) * y) + Math.abs((toY - fromY) * x);
      if (at !== current && along > 0.5 && along + 2 * across < least) {
        least = along + 2 * across;
        best = at;
      }
    });
    return best < 0 ? current : best;
  }

  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  cells.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Backspace" || event.key === "Escape") {
      hideTip();
      if (open.parent) onOpen(open.parent);
      else return;
    } else if (!placed.length) return;
    else if (MOVES[event.key]) select(current < 0 ? 0 : next(...MOVES[event.key]));
    else if (event.key === "Home") select(0);
    else if (event.key === "End") select(placed.length - 1);
    else if ((event.key === "Enter" || event.key === " ") && current >= 0) openCell(current);
    else return;
    event.preventDefault();
  });

  new ResizeObserver(draw).observe(host);
  themed.push(draw);
  return {
    /** Show what is in a folder. */
    show(node) {
      const from = open;
      open = node;
      current = -1;
      sorted.clear();
      draw();
      const back = placed.findIndex((each) => each.node === from);
      if (back >= 0) select(back, false);
      else if (document.activeElement === cells && placed.length) select(0, false);
    },
    draw,
  };
}
