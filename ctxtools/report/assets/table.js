// A table of any number of rows, of which only those that can be seen are elements.

const PRINTED = 2000; // rows

/**
 * A grid in `host`.
 * Each of `columns` has a title, `cell(row)` with what it shows, and may have `width` (of a grid's
 * template), `number`, `sort` (a key), `wide` (not on a phone). A row has a `level` if rows are a
 * tree, and `isOpen` if it has others below it.
 */
function grid(host, { label, columns, onSort, onOpen, onToggle }) {
  const head = create("div", { class: "grid-head", role: "rowgroup" });
  const body = create("div", { class: "grid-body", role: "rowgroup" });
  const element = create("div", { class: "grid", role: "grid", "aria-label": label }, head, body);
  const nothing = create("p", { class: "nothing", hidden: true }, "Nothing here.");
  const rest = create("p", { class: "hint printed" });
  host.append(element, nothing, rest);
  let shown = columns;
  let rows = [];
  let sort = {};
  let at = 0; // the row that Tab reaches
  let isPrinting = false;
  const elements = new Map(); // by the number of the row

  function setColumns() {
    shown = columns.filter((column) => !(column.wide && isNarrow.matches) && !column.isHidden?.());
    element.style.setProperty("--columns", shown.map((column) => column.width ?? "7.5rem").join(" "));
    element.setAttribute("aria-colcount", shown.length);
    head.replaceChildren(create("div", { class: "grid-row", role: "row", "aria-rowindex": 1 }, shown.map(heading)));
    elements.clear();
    body.replaceChildren();
  }

  function heading(column) {
    const name = column.title;
    const title = typeof name === "function" ? name() : name;
    const isSorted = column.sort !== undefined && sort.key === column.sort;
    const order = isSorted ? (sort.descending ? "descending" : "ascending") : "none";
    const content = column.sort === undefined ? create("span", { class: "hint" }, title) : create("button", {
      type: "button", onclick: () => onSort(column.sort),
    }, column.number ? arrow(isSorted) : "", create("bdi", null, title), column.number ? "" : arrow(isSorted));
    return create("div", {
      class: column.number ? "number" : null, role: "columnheader",
      "aria-sort": column.sort === undefined ? null : order,
    }, content);
  }

  function arrow(isSorted) {
    return create("span", { class: "arrow", "aria-hidden": "true" }, isSorted ? (sort.descending ? "↓" : "↑") : "");
  }

  const rowHeight = () => head.firstChild.getBoundingClientRect().height || 32;

  function rowElement(row, number) {
    const isTree = row.level !== undefined;
    const made = create("div", {
      class: "grid-row", role: "row", tabindex: number === at ? 0 : -1, "aria-rowindex": number + 2,
      "aria-level": isTree ? row.level + 1 : null,
      "aria-expanded": row.isOpen === undefined ? null : String(row.isOpen),
    }, shown.map((column, index) => create("div", {
      class: [column.number ? "number" : "", index ? "" : "name-cell"].join(" ").trim() || null,
      role: index ? "gridcell" : "rowheader",
    }, index ? null : twist(row), column.cell(row))));
    made.firstChild.style.setProperty("--level", row.level ?? 0);
    made.dataset.number = number;
    return made;
  }

  function twist(row) {
    if (row.level === undefined) return null;
    return create("span", { class: "twist", "aria-hidden": "true" }, row.isOpen === undefined ? "" : row.isOpen ? "▼" : "▶");
  }

  function render() {
    if (!rows.length) return;
    const height = rowHeight();
    body.style.height = `${rows.length * height}px`;
    let first = Math.max(0, Math.floor(element.scrollTop / height) - 8);
    let last = Math.min(rows.length, Math.ceil((element.scrollTop + element.clientHeight) / height) + 8);
    if (isPrinting) [first, last] = [0, Math.min(rows.length, PRINTED)];
    for (const [number, made] of elements) {
      const isFocused = made === document.activeElement;
      if ((number < first || number >= last) && !isFocused && number !== at) {
        made.remove();
        elements.delete(number);
      }
    }
    const wanted = Array.from({ length: last - first }, (_, index) => first + index);
    if (at < first || at >= last) wanted.push(at);
    for (const number of wanted) {
      if (elements.has(number) || number >= rows.length) continue;
      const made = rowElement(rows[number], number);
      made.style.top = `${number * height}px`;
      elements.set(number, made);
      // In the order of the rows, which is the order of reading.
      const after = [...body.children].find((each) => Number(each.dataset.number) > number);
      body.insertBefore(made, after ?? null);
    }
  }

  function focusRow(number, doFocus = true) {
    const height = rowHeight();
    const before = at;
    at = Math.max(0, Math.min(rows.length - 1, number));
    const top = at * height;
    const space = element.clientHeight - head.offsetHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + space) element.scrollTop = top + height - space;
    elements.get(before)?.setAttribute("tabindex", -1);
    render();
    elements.get(at)?.setAttribute("tabindex", 0);
    if (doFocus) elements.get(at)?.focus({ preventScroll: true });
  }

  const page = () => Math.max(1, Math.floor(element.clientHeight / rowHeight()) - 2);
  body.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    const moves = {
      ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page(), PageUp: at - page(), Home: 0, End: rows.length - 1,
    };
    if (event.key in moves) focusRow(moves[event.key]);
    else if (event.key === "ArrowRight" && row.isOpen === false) onToggle(row, at);
    else if (event.key === "ArrowLeft" && row.isOpen === true) onToggle(row, at);
    else if (event.key === "ArrowLeft" && row.level) {
      let above = at;
      while (above > 0 && rows[above].level >= row.level) above -= 1;
      focusRow(above);
    } else if (event.key === " " && row.isOpen !== undefined) onToggle(row, at);
    else if (event.key === "Enter") onOpen?.(row);
    else return;
    event.preventDefault();
  });
  body.addEventListener("click", (event) => {
    const made = event.target.closest(".grid-row");
    if (!made) return;
    const number = Number(made.dataset.number);
    focusRow(number);
    if (rows[number].isOpen !== undefined && event.target.closest(".name-cell")) onToggle(rows[number], number);
  });
  body.addEventListener("dblclick", (event) => {
    if (event.target.closest(".grid-row") && !event.target.closest(".twist")) onOpen?.(rows[at]);
  });
  let waiting = 0;
  element.addEventListener("scroll", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(render);
  }, { passive: true });
  new ResizeObserver(render).observe(element);
  isNarrow.addEventListener("change", () => { setColumns(); render(); });
  addEventListener("beforeprint", () => { isPrinting = true; render(); });
  addEventListener("afterprint", () => { isPrinting = false; render(); });

  return {
    /** Show these rows, the one with number `focus` as that which Tab reaches. */
    show(newRows, { sort: by, focus = 0, keepScroll = false }) {
      const hadFocus = body.contains(document.activeElement);
      rows = newRows;
      sort = by;
      at = Math.max(0, Math.min(focus, rows.length - 1));
      const isTree = rows[0]?.level !== undefined;
      element.setAttribute("role", isTree ? "treegrid" : "grid");
      element.setAttribute("aria-rowcount", rows.length + 1);
      element.hidden = !rows.length;
      nothing.hidden = rows.length > 0;
      rest.textContent = rows.length > PRINTED ? `… ${format(rows.length - PRINTED)} more rows` : "";
      setColumns();
      if (!keepScroll) element.scrollTop = 0;
      render();
      if (hadFocus) focusRow(at);
    },
    focusRow,
  };
}
