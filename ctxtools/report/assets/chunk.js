// The page of `ctx chunk`.
const { column, documents, headings, levels } = data;
const PER_PAGE = 100;
const BARS = 32;
let level = 0; // of nested sizes, the largest first
let documentAt = 0;
let query = "";
let pageAt = 0;
let current = -1; // the chunk that the keyboard is at, by its number among those found
let found = []; // chunks that are listed

// A chunk: text before overlap was added, overlap, header, tokens, line, kind, headings, pages,
// its span in characters, and the characters that are left out before it.
const unpack = ([text, overlap, header, tokens, line, kind, titles, pages, start, end, gap, number, isCut]) => ({
  text, overlap, header, tokens, line, kind, titles, pages, start, end, gap, number, isCut,
});
const chunksOf = (at) => (documents[at].levels[level] ?? []).map(unpack);
const tokensOfAll = () => documents.flatMap((each) => (each.levels[level] ?? []).map((chunk) => chunk[3]));

function drawCards() {
  const sizes = tokensOfAll();
  const total = sizes.reduce((sum, tokens) => sum + tokens, 0);
  const limit = levels[level];
  const mean = sizes.length ? total / sizes.length : 0;
  const card = (name, figure, unit, fact) => create("div", { class: "card" },
    create("span", { class: "name" }, name),
    create("span", { class: "value" }, figure, create("small", null, unit)),
    fact ? create("span", { class: "fact" }, create("bdi", null, fact)) : null);
  byId("cards").replaceChildren(
    card("Chunks", format(sizes.length), "", `of ${items(documents.length, "document")}`),
    card("Tokens", format(total), "", `overlaps and headers included; ${column}`),
    card("Mean", format(Math.round(mean)), " tokens", limit ? `${percent(mean, limit)} of ${format(limit)}` : null),
    card("From – to", sizes.length ? `${format(sizes.reduce((a, b) => Math.min(a, b)))} – ${format(sizes.reduce((a, b) => Math.max(a, b)))}` : "–", " tokens"));
}

function drawHistogram() {
  const sizes = tokensOfAll();
  const largest = sizes.reduce((a, b) => Math.max(a, b), levels[level] ?? 0);
  const width = Math.max(1, Math.ceil(largest / BARS));
  const counts = new Array(Math.max(1, Math.ceil(largest / width))).fill(0);
  for (const tokens of sizes) counts[Math.max(0, Math.ceil(tokens / width) - 1)] += 1;
  const most = Math.max(1, ...counts);
  const range = (at) => `${format(at * width + 1)}–${format((at + 1) * width)}`;
  const bars = create("div", { class: "bars", role: "img", "aria-label": `Histogram of ${items(sizes.length, "chunk")} by tokens; the table has its numbers` },
    counts.map((count, at) => {
      const bar = create("span", { title: `${range(at)} tokens: ${items(count, "chunk")}` });
      bar.style.height = `${count ? Math.max(1.5, (100 * count) / most) : 0}%`;
      return bar;
    }));
  const rows = counts.map((count, at) => [count, at]).filter(([count]) => count)
    .map(([count, at]) => create("tr", null, create("th", { scope: "row" }, range(at)), create("td", null, format(count))));
  byId("histogram").replaceChildren(bars,
    create("div", { class: "axis", "aria-hidden": "true" }, create("span", null, "1"), create("span", null, `${format(counts.length * width)} tokens`)),
    create("details", { class: "group" }, create("summary", null, "As a table"),
      create("table", { class: "sizes" },
        create("caption", { class: "unseen" }, "Chunks by tokens"),
        create("thead", null, create("tr", null, create("th", { scope: "col" }, "Tokens"), create("th", { scope: "col" }, "Chunks"))),
        create("tbody", null, rows))));
}

function chunkElement(chunk, at) {
  const limit = levels[level];
  const where = [`line ${format(chunk.line)}`, `characters ${format(chunk.start)}–${format(chunk.end)}`];
  if (chunk.pages) where.unshift(chunk.pages[0] === chunk.pages[1] ? `page ${chunk.pages[0]}` : `pages ${chunk.pages[0]}–${chunk.pages[1]}`);
  if (chunk.kind !== "text") where.push(chunk.kind);
  const heading = `chunk-${at}`;
  return create("article", { class: "chunk", tabindex: -1, "aria-labelledby": heading, "data-at": at },
    create("h3", { id: heading }, `#${format(chunk.number)}`, create("span", { class: "tokens" }, items(chunk.tokens, "token"))),
    limit ? meter(chunk.tokens, limit, `Share of ${format(limit)} tokens`) : null,
    chunk.titles === null ? null : create("p", { class: "titles" }, create("bdi", null, headings[chunk.titles].join(" › "))),
    create("p", { class: "where" }, where.join(" · ")),
    chunk.isCut ? create("p", { class: "hint" }, "Its text is left out: this page has no more space.") : null,
    chunk.header ? create("pre", { class: "header", dir: "auto" }, create("span", { class: "unseen" }, "Header: "), visible(chunk.header)) : null,
    chunk.text || chunk.overlap ? create("pre", { dir: "auto" },
      chunk.overlap ? create("mark", null, create("span", { class: "unseen" }, "Overlap: "), visible(chunk.overlap)) : null,
      visible(chunk.text)) : null);
}

function drawList() {
  const chunks = chunksOf(documentAt);
  found = query
    ? chunks.filter((chunk) => [chunk.header, chunk.overlap + chunk.text, chunk.titles === null ? "" : headings[chunk.titles].join(" ")].some((text) => text.toLowerCase().includes(query)))
    : chunks;
  const first = pageAt * PER_PAGE;
  const shown = found.slice(first, first + PER_PAGE);
  const range = found.length > PER_PAGE ? `; ${format(first + 1)} to ${format(first + shown.length)} here` : "";
  byId("status").replaceChildren(create("bdi", null,
    `${documents.length ? documents[documentAt].name : "no document"}: ${query ? `${format(found.length)} of ${items(chunks.length, "chunk")}` : items(chunks.length, "chunk")}${range}`));
  byId("list").replaceChildren(...shown.flatMap((chunk, at) => [
    ...(chunk.gap && !query ? [create("p", { class: "gap" }, `${items(chunk.gap, "character")} in no chunk`)] : []),
    chunkElement(chunk, first + at),
  ]));
  const pages = Math.ceil(found.length / PER_PAGE);
  const turn = (by, label) => create("button", {
    type: "button", class: "quiet", disabled: pageAt + by < 0 || pageAt + by >= pages,
    onclick: () => { pageAt += by; current = -1; drawList(); byId("chunks-heading").scrollIntoView(); },
  }, label);
  byId("pages").replaceChildren(...(pages > 1
    ? [turn(-1, "Previous"), create("span", { class: "hint" }, `page ${pageAt + 1} of ${pages}`), turn(1, "Next")] : []));
}

function go(to) {
  if (!found.length) return;
  current = Math.max(0, Math.min(found.length - 1, to));
  const page = Math.floor(current / PER_PAGE);
  if (page !== pageAt) {
    pageAt = page;
    drawList();
  }
  const target = document.querySelector(`.chunk[data-at="${current}"]`);
  for (const each of document.querySelectorAll(".chunk.current")) each.classList.remove("current");
  target.classList.add("current");
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
}

function drawAll() {
  pageAt = 0;
  current = -1;
  drawCards();
  drawHistogram();
  drawList();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const isIn = event.target.closest(".chunk");
  const isLetter = byId("keys").checked && (event.key === "j" || event.key === "k");
  const isArrow = isIn && (event.key === "ArrowDown" || event.key === "ArrowUp");
  if (!isLetter && !isArrow) return;
  if (isIn) current = Number(isIn.dataset.at);
  const forward = event.key === "j" || event.key === "ArrowDown";
  if (current < 0) go(pageAt * PER_PAGE);
  else go(current + (forward ? 1 : -1));
  event.preventDefault();
});
byId("list").addEventListener("click", (event) => {
  const chunk = event.target.closest(".chunk");
  if (chunk) current = Number(chunk.dataset.at);
});
let typing = 0;
byId("search").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    query = event.target.value.trim().toLowerCase();
    pageAt = 0;
    current = -1;
    drawList();
  }, 120);
});
if (documents.length > 1) {
  byId("pick").hidden = false;
  byId("document").append(...documents.map((each, at) => create("option", { value: at }, `${each.name} (${format((each.levels[0] ?? []).length)})`)));
  byId("document").addEventListener("change", (event) => {
    documentAt = Number(event.target.value);
    pageAt = 0;
    current = -1;
    drawList();
  });
}
if (levels.length > 1) {
  byId("levels").hidden = false;
  segments(byId("levels"), "level", levels.map((size, at) => [String(at), size ? `up to ${format(size)}` : `level ${at + 1}`]), "0", (chosen) => {
    level = Number(chosen);
    drawAll();
  });
}
byId("subtitle").append(create("bdi", null,
  `${data.title ? `${data.title}: ` : ""}${documents.length === 1 ? documents[0].name : items(documents.length, "document")}`));
drawAll();
listSkipped("Not read");
