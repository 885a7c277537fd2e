// The page of `ctx pack`.
const { column, parts, files } = data;
const FORMS = [
  ["whole", 1], ["excerpt", 0], ["outline", 3], ["trimmed", 2], ["path", 7], ["piece", 5], ["omitted", 8],
].map(([name, fill]) => ({ name, fill }));
const about = (number) => format(number);
let measure = 1; // what areas are: tokens if whole, or (0) as packed

const tree = buildTree(data.folders, files, (index) => [
  files.tokens[index], files.whole[index] ?? files.tokens[index], files.value[index],
]);
const packed = (node) => node.sums[0];
const whole = (node) => node.sums[1];
const worth = (node) => node.sums[2];
const size = (node) => node.sums[measure];
const formOf = (leaf) => FORMS[files.form[leaf.index]];
const shares = FORMS.map(() => ({ files: 0, sums: [0, 0, 0] }));
for (const leaf of tree.leaves) add(shares[files.form[leaf.index]], leaf);

function drawCards() {
  const omitted = shares[6].files;
  const went = tree.leaves.length - omitted;
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
  const value = parts.reduce((sum, part) => sum + part.value, 0);
  const bound = parts.reduce((sum, part) => sum + part.bound, 0);
  const card = (name, figure, unit, ...facts) => create("div", { class: "card" },
    create("span", { class: "name" }, create("bdi", null, name)),
    create("span", { class: "value" }, figure, create("small", null, unit)),
    facts.filter(Boolean).map((fact) => create("span", { class: "fact" }, fact)));
  const interval = column.low !== column.high;
  const shown = interval ? `~${format(column.tokens)}` : format(column.tokens ?? tokens);
  byId("cards").append(
    card(column.name, shown, " tokens",
      interval ? `between ${format(column.low)} and ${format(column.high)}` : null,
      column.available === null ? null : `${percent(column.tokens ?? tokens, column.available)} of ${column.limit}`,
      column.cost ? `${column.cost} as input` : null),
    card("Documents that went in", format(went), ` of ${format(tree.leaves.length)}`,
      FORMS.slice(0, 6).map((form, at) => (shares[at].files ? `${format(shares[at].files)} ${form.name}` : "")).filter(Boolean).join(", ")),
    ...(bound || value ? [card("Value", value.toLocaleString("en-US", { maximumFractionDigits: 1 }), "",
      bound > value * (1 + 1e-9) ? `at most ${percent(bound - value, bound)} below the best choice` : "no choice is better")] : []));
}

function drawBudget() {
  byId("budget").append(...parts.map((part, number) => {
    const inPart = FORMS.map(() => 0);
    tree.leaves.forEach((leaf) => {
      if ((files.part[leaf.index] ?? 0) === number) inPart[files.form[leaf.index]] += packed(leaf);
    });
    const documents = inPart.reduce((sum, tokens) => sum + tokens, 0);
    const frame = Math.max(0, part.tokens - documents);
    const limit = part.limit ?? part.tokens;
    const bands = FORMS.map((form, at) => ({ ...form, tokens: inPart[at] }));
    bands.push({ name: "around the documents", fill: 4, tokens: frame });
    const shown = bands.filter((band) => band.tokens > 0);
    const free = Math.max(0, limit - part.tokens);
    const bar = create("div", { class: "stack", role: "img",
      "aria-label": `${format(part.tokens)} of ${format(limit)} tokens: ${shown.map((band) => `${band.name} ${format(band.tokens)}`).join(", ")}, free ${format(free)}` },
    shown.map((band) => {
      const piece = create("span");
      piece.style.background = `var(--fill-${band.fill})`;
      piece.style.width = `${(100 * band.tokens) / Math.max(limit, part.tokens, 1)}%`;
      return piece;
    }));
    return create("div", { class: "part" },
      parts.length > 1 ? create("h3", null, `Part ${number + 1} of ${parts.length}`) : null, bar,
      create("ul", { class: "facts" },
        shown.map((band) => create("li", null, swatch(band.fill), `${band.name} ${format(band.tokens)}`)),
        create("li", null, `free ${format(free)}`),
        create("li", null, `limit ${format(limit)}`)));
  }));
  if (column.counted) byId("budget").append(create("p", { class: "hint" }, column.counted));
}

function why(node) {
  if (node.isFolder || node.isGroup) return "";
  const facts = [];
  if (files.pinned[node.index]) facts.push("pinned");
  if (files.lines[node.index]) facts.push(`lines ${files.lines[node.index].map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(", ")}`);
  if (parts.length > 1 && files.part[node.index] !== undefined) facts.push(`part ${files.part[node.index] + 1}`);
  if (files.reason[node.index]) facts.push(files.reason[node.index]);
  return facts.join("; ");
}
const wholeOf = (node) => (node.index !== undefined && files.whole[node.index] === null ? "not counted" : about(whole(node)));

byId("subtitle").append(create("bdi", null,
  `${data.title ? `${data.title}: ` : ""}${items(tree.leaves.length, "document")}${parts.length > 1 ? ` in ${parts.length} parts` : ""}`));
drawCards();
drawBudget();
const view = filesView({
  tree,
  size,
  groupOf: formOf,
  groups: () => FORMS.map((form, at) => ({ ...form, sum: shares[at].sums[measure], files: shares[at].files })).filter((form) => form.files),
  groupHeading: "Form",
  figure: about,
  mapLabel: "Treemap of the open folder by tokens",
  tableLabel: "Documents, and what became of them",
  describe: (node) => (node.isFolder
    ? [`${format(packed(node))} of ${format(whole(node))} tokens went in`]
    : [`${formOf(node).name}, ${format(packed(node))} of ${wholeOf(node)}`, ...(why(node) ? [why(node)] : [])]),
  columns: [
    { title: "Form", width: "6rem", ascending: true, value: (node) => (node.group ? node.group.fill : 9), cell: (node) => (node.group ? node.group.name : "") },
    { title: "Tokens", number: true, width: "6.5rem", value: packed, cell: (node) => format(packed(node)) },
    { title: "If whole", number: true, width: "7rem", wide: true, value: whole, cell: wholeOf },
    { title: "Value", number: true, width: "6rem", wide: true, value: worth, cell: (node) => worth(node).toLocaleString("en-US", { maximumFractionDigits: 1 }) },
    { title: "Why", width: "minmax(8rem, 1.2fr)", wide: true, cell: (node) => create("bdi", { class: "dim", title: why(node) }, why(node)) },
  ],
  sortBy: 2,
});
segments(byId("sizes"), "size", [["1", "If whole"], ["0", "As packed"]], "1", (chosen) => {
  measure = Number(chosen);
  view.draw();
});

if (data.secrets.length) {
  byId("secrets").hidden = false;
  byId("secrets-list").append(...data.secrets.map((secret) => create("li", null, create("bdi", null, secret))));
}
byId("text").append(...parts.map((part, number) => {
  const body = create("div", { class: "text", tabindex: 0, role: "region", "aria-label": `Text${parts.length > 1 ? ` of part ${number + 1}` : ""}` });
  const details = create("details", { class: "group" },
    create("summary", null, parts.length > 1 ? `Part ${number + 1}: ` : "", `${format(part.tokens)} tokens, ${format(part.characters)} characters`),
    part.text.length < part.characters && part.isCut ? create("p", { class: "hint" }, "Its beginning: it is too long for this page.") : null, body);
  // Made when it is opened, in blocks that the browser lays out when they are seen.
  details.addEventListener("toggle", () => {
    if (!details.open || body.firstChild) return;
    const lines = visible(part.text).split(/(?<=\n)/);
    for (let at = 0; at < lines.length; at += 200) {
      body.append(create("pre", { dir: "auto" }, lines.slice(at, at + 200).join("").replace(/\n$/, "")));
    }
  });
  return details;
}));
listSkipped("Not read");
