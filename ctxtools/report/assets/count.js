// The page of `ctx count`.
const { columns, files } = data;
const figureOf = (at, number) => `${columns[at].inexact ? "~" : ""}${format(number)}`;
let target = 0; // the column that areas and shares are by

const tree = buildTree(data.folders, files, (index) => [
  files.bytes[index], ...columns.map((_, at) => files.tokens[at][index]),
]);
const tokens = (node, at = target) => node.sums[at + 1];
const size = (node) => node.sums[0];

// Types, the largest first; the first eight have colors of their own.
const types = new Map();
for (const leaf of tree.leaves) {
  const dot = leaf.name.lastIndexOf(".");
  leaf.type = files.kind[leaf.index] ?? (dot > 0 ? leaf.name.slice(dot).toLowerCase() : "(none)");
  let type = types.get(leaf.type);
  if (!type) types.set(leaf.type, (type = { name: leaf.type, files: 0, sums: tree.root.sums.map(() => 0) }));
  add(type, leaf);
}
const ranked = [...types.values()].sort((a, b) => tokens(b) - tokens(a) || (a.name < b.name ? -1 : 1));
ranked.forEach((type, at) => { type.fill = Math.min(at, 8); });

function card(column, at, isChoice) {
  const isOver = column.available !== null && column.high > column.available;
  const facts = [];
  if (column.available !== null) {
    facts.push(meter(column.tokens, column.available, `Share of what ${column.name} can take`, isOver));
    facts.push(create("span", { class: isOver ? "fact over" : "fact" },
      `${percent(column.tokens, column.available)} of ${column.limit}${isOver ? ", over" : ""}`));
  }
  if (column.low !== column.high) facts.push(create("span", { class: "fact" }, `between ${format(column.low)} and ${format(column.high)}`));
  if (column.cost) facts.push(create("span", { class: "fact" }, `${column.cost} as input`));
  const radio = isChoice ? create("input", {
    type: "radio", name: "target", value: at, checked: at === target,
    "aria-label": `${column.name}, ${figureOf(at, column.tokens)} tokens`,
    onchange: () => { target = at; view.draw(); },
  }) : null;
  return create(isChoice ? "label" : "div", { class: "card" }, radio,
    create("span", { class: "name" }, create("bdi", null, column.name)),
    create("span", { class: "value" }, figureOf(at, column.tokens), create("small", null, " tokens")), facts);
}

function drawCards() {
  const isChoice = columns.length > 1;
  byId("cards").replaceWith(create(isChoice ? "fieldset" : "div", { id: "cards", class: "cards" },
    isChoice ? create("legend", { class: "unseen" }, "Count for") : null,
    columns.map((column, at) => card(column, at, isChoice))));
}

function intervalOf(node, at) {
  const found = node.index === undefined ? undefined : files.intervals[at][node.index];
  return found ? `between ${format(found[0])} and ${format(found[1])}` : null;
}

byId("subtitle").append(create("bdi", null,
  `${data.title ? `${data.title}: ` : ""}${items(tree.leaves.length, "file")}, ${bytes(size(tree.root))}`));
drawCards();
const view = filesView({
  tree,
  size: (node) => tokens(node),
  groupOf: (leaf) => types.get(leaf.type),
  groups: () => legendOf(ranked, tokens, "other type"),
  groupHeading: "Type",
  figure: (number) => figureOf(target, number),
  mapLabel: "Treemap of the open folder by tokens",
  tableLabel: "Files and their tokens",
  describe: (node) => (node.isFolder ? [] : [`${bytes(size(node))}, ${node.type}`, ...(files.notes[node.index] ?? [])]),
  columns: [
    ...columns.map((column, at) => ({
      title: columns.length > 1 ? column.name : "Tokens", number: true, value: (node) => tokens(node, at),
      width: `${Math.min(14, Math.max(7, 2.5 + 0.56 * column.name.length))}rem`,
      isHidden: () => isNarrow.matches && at !== target,
      cell: (node) => create("span", { title: intervalOf(node, at) }, figureOf(at, tokens(node, at))),
    })),
    { title: "Share", width: "10rem", number: true, wide: true, cell: (node, folder) => shareCell(tokens(node), tokens(folder)) },
    { title: "Bytes", number: true, width: "6.5rem", wide: true, value: size, cell: (node) => bytes(size(node)) },
    { title: "Files", number: true, width: "5.5rem", wide: true, value: (node) => node.files, cell: (node) => (node.isFolder || node.isGroup ? format(node.files) : "") },
  ],
});
listSkipped("Not counted");
