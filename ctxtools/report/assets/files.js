// Folders and files as a treemap and a table that belong together: what is open in one is what the
// other shows, and a search is for both.

/**
 * The parts of the page with the ids crumbs, map, legend, views, search, status and table.
 * `size(node)` is what areas and shares are by; `groupOf(leaf)` has the name and the fill of a leaf's
 * group, which is a row in the view `groups`; `describe(node)` lines beside its name; `columns` those
 * of the table after the first, with `value(node)` to sort by and `cell(node)`; `figure(number)` a
 * number of tokens in words; `sortBy` the number of the column that rows are sorted by at first.
 */
function filesView({ tree, size, groupOf, groups, groupHeading, describe, columns, figure, mapLabel, tableLabel, sortBy = 1 }) {
  const { root, leaves } = tree;
  let folder = firstFolder(root); // that is open
  let view = "tree";
  let query = "";
  let sort = { key: sortBy, descending: true }; // by the number of a column
  const opened = new Set();
  for (const leaf of leaves) leaf.group = groupOf(leaf);

  const isMatch = (leaf) => !query || pathOf(leaf).toLowerCase().includes(query);
  const map = treemap(byId("map"), {
    label: mapLabel,
    value: size,
    figure,
    fill: (leaf) => leaf.group.fill,
    isDim: (leaf) => Boolean(query) && !isMatch(leaf),
    describe: (node) => [
      node.isFolder ? `${node.name}/` : node.name,
      `${figure(size(node))} tokens, ${percent(size(node), size(root))}`,
      ...(node.isFolder ? [items(node.files, "file")] : []), ...describe(node),
    ],
    onOpen: (node) => (node.isFolder ? openFolder(node) : reveal(node)),
  });

  function nameCell({ node }) {
    const label = node.isFolder ? `${node.name}/` : node.parent && (view === "files" || query) ? pathOf(node) : node.name;
    const fill = node.isFolder ? undefined : (node.group ?? node).fill;
    return [fill === undefined ? null : swatch(fill), create("bdi", { title: label }, label)];
  }

  const firstColumn = {
    title: () => (view === "groups" ? groupHeading : "Path"), sort: 0, width: "minmax(9rem, 1fr)", cell: nameCell,
  };
  const table = grid(byId("table"), {
    label: tableLabel,
    columns: [firstColumn, ...columns.map((column, at) => ({
      ...column, sort: column.value ? at + 1 : undefined, cell: ({ node }) => column.cell(node, folder),
    }))],
    onSort(key) {
      sort = { key, descending: sort.key === key ? !sort.descending : key !== 0 && !columns[key - 1].ascending };
      drawTable();
    },
    onOpen: ({ node }) => { if (node.isFolder) openFolder(node); },
    onToggle({ node }, at) {
      if (opened.has(node)) opened.delete(node);
      else opened.add(node);
      drawTable({ focus: at, keepScroll: true });
    },
  });

  function order(a, b) {
    const direction = sort.descending ? -1 : 1;
    if (sort.key) {
      const { value } = columns[sort.key - 1];
      const first = value(a);
      const second = value(b);
      if (first !== second) return first < second ? -direction : direction;
    }
    const first = a.parent ? pathOf(a) : a.name;
    const second = b.parent ? pathOf(b) : b.name;
    const names = first < second ? -1 : first > second ? 1 : 0;
    return sort.key ? names : direction * names;
  }

  function isBelow(node, above) {
    let each = node;
    while (each && each.depth > above.depth) each = each.parent;
    return each === above;
  }

  function treeRows() {
    const rows = [];
    const waiting = [...folder.children].sort(order).reverse().map((node) => [node, 0]);
    while (waiting.length) {
      const [node, level] = waiting.pop();
      rows.push({ node, level, isOpen: node.isFolder ? opened.has(node) : undefined });
      if (node.isFolder && opened.has(node)) {
        for (const child of [...node.children].sort(order).reverse()) waiting.push([child, level + 1]);
      }
    }
    return rows;
  }

  function groupRows(here) {
    const found = new Map();
    for (const leaf of here) {
      const { name, fill } = leaf.group;
      let group = found.get(name);
      if (!group) found.set(name, (group = { name, fill, isGroup: true, files: 0, sums: root.sums.map(() => 0) }));
      add(group, leaf);
    }
    return [...found.values()].sort(order).map((node) => ({ node }));
  }

  function rowsNow(here) {
    if (view === "groups") return groupRows(here);
    return view === "files" || query ? here.sort(order).map((node) => ({ node })) : treeRows();
  }

  const leavesHere = () => leaves.filter((leaf) => isBelow(leaf, folder) && isMatch(leaf));

  function drawTable(how = {}) {
    const here = leavesHere();
    const sum = here.reduce((total, leaf) => total + size(leaf), 0);
    const where = folder.parent ? ` in ${pathOf(folder)}` : "";
    const which = query
      ? `${items(here.length, "file")} of ${format(folder.files)} match${here.length === 1 ? "es" : ""}`
      : items(here.length, "file");
    const share = size(root) ? `, ${percent(sum, size(root))} of all` : "";
    byId("status").replaceChildren(create("bdi", null, `${which}${where}: ${figure(sum)} tokens${share}`));
    table.show(rowsNow(here), { sort, ...how });
  }

  function drawLegend() {
    const shown = groups();
    byId("legend").replaceChildren(...shown.map(({ name, fill, sum }) => create("li", null, swatch(fill),
      create("bdi", null, name), create("span", null, percent(sum, size(root))))));
  }

  function openFolder(node) {
    folder = node;
    drawCrumbs(byId("crumbs"), folder, openFolder);
    map.show(folder);
    drawTable();
  }

  /** Bring a file into view in the table. */
  function reveal(leaf) {
    if (view === "groups" || (query && !isMatch(leaf))) return;
    for (let each = leaf.parent; each && each !== folder; each = each.parent) opened.add(each);
    const focus = rowsNow(leavesHere()).findIndex((row) => row.node === leaf);
    drawTable({ focus });
    table.focusRow(focus);
  }

  segments(byId("views"), "view", [["tree", "Tree"], ["files", "Files"], ["groups", `${groupHeading}s`]], view, (chosen) => {
    view = chosen;
    drawTable();
  });
  let typing = 0;
  byId("search").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      query = event.target.value.trim().toLowerCase();
      map.draw();
      drawTable();
    }, 90);
  });

  function draw() {
    drawLegend();
    openFolder(folder);
  }
  draw();
  return { draw };
}

/** The groups that have colors of their own, and the others as one; each with its `sum`. */
function legendOf(ranked, sum, noun) {
  const shown = ranked.slice(0, 8).map((group) => ({ name: group.name, fill: group.fill, sum: sum(group) }));
  const others = ranked.slice(8);
  if (others.length) {
    shown.push({ name: items(others.length, noun), fill: 8, sum: others.reduce((total, group) => total + sum(group), 0) });
  }
  return shown;
}

/** A share of the open folder, as a bar and a number. */
function shareCell(part, whole) {
  const fill = create("span");
  fill.style.width = `${whole ? (100 * part) / whole : 0}%`;
  return create("div", { class: "share" },
    create("span", { class: "track", "aria-hidden": "true" }, fill),
    create("span", { class: "figure" }, percent(part, whole)));
}
