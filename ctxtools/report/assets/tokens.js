// The page of `ctx show`.
const { column, groups, texts, ids, parts } = data;
const BLOCK = 400; // tokens
const withSpaces = () => byId("spaces").checked;

/** A token's text as it is shown: white space has marks, if that is wanted. */
function shownText(text) {
  let shown = visible(text).replace(/\r/g, "␍");
  if (/^\p{M}/u.test(shown)) shown = `◌${shown}`;
  if (withSpaces()) shown = shown.replace(/ /g, "·").replace(/\t/g, "⇥\t").replace(/\n/g, "⏎\n").replace(/\u00a0/g, "⍽");
  return shown;
}
/** Show a token again, with its ids before the end of its line if they are wanted. */
function paint(token, at) {
  const [, text, end] = /^([^]*?)(\n*)$/.exec(shownText(texts[at]));
  token.replaceChildren(text, ...(byId("ids").checked ? [create("small", null, ids[at].join(" "))] : []), end);
  return token;
}
/** The same on one line, as it is spoken of. */
const spoken = (text) => visible(text).replace(/ /g, "·").replace(/\t/g, "⇥").replace(/\n/g, "⏎").replace(/\r/g, "␍");

const total = { characters: 0, bytes: 0 };
const encoder = new TextEncoder();
const frequency = new Map();
let number = 0; // of the ids so far
const firsts = []; // of each token: the ids before it
for (const group of groups) {
  for (const at of group.tokens) {
    const text = texts[at];
    firsts.push(number);
    number += Math.max(1, ids[at].length);
    if (!group.parts?.[at]) {
      total.characters += [...text].length;
      total.bytes += encoder.encode(text).length;
    }
    frequency.set(at, (frequency.get(at) ?? 0) + 1);
  }
}

function drawCards() {
  const card = (name, figure, unit, fact) => create("div", { class: "card" },
    create("span", { class: "name" }, create("bdi", null, name)),
    create("span", { class: "value" }, figure, create("small", null, unit)),
    fact ? create("span", { class: "fact" }, create("bdi", null, fact)) : null);
  const approximate = column.inexact ? "~" : "";
  byId("cards").append(card(column.name, `${approximate}${format(column.tokens)}`, " tokens",
    column.low !== column.high ? `between ${format(column.low)} and ${format(column.high)}` : null));
  if (!spansTotal) return;
  byId("cards").append(
    card("Characters", format(total.characters), "", `${(total.characters / Math.max(1, column.tokens)).toFixed(2)} for each token`),
    card("Bytes", bytes(total.bytes), "", `${(total.bytes / Math.max(1, column.tokens)).toFixed(2)} for each token`),
    card("Different tokens", format(frequency.size), "", `${percent(frequency.size, spansTotal)} of all`));
}
const spansTotal = groups.reduce((sum, group) => sum + group.tokens.length, 0);

let current = -1;
function tokenElement(at, position, group) {
  return paint(create("span", {
    class: ["token", group.special?.includes(at) ? "special" : "", group.parts?.[at] ? "part" : ""].join(" ").trim(),
    id: `token-${position}`, role: "option", "aria-selected": "false", "aria-label": label(at, position),
    "data-at": position,
  }), at);
}

function label(at, position) {
  const own = ids[at];
  const which = own.length > 1 ? "ids" : "id";
  return `${spoken(texts[at])}, ${own.length ? `${which} ${own.join(" ")}` : "no id"}, token ${format(firsts[position] + 1)}`;
}

function drawStream() {
  const host = byId("tokens");
  let position = 0;
  host.replaceChildren(...groups.flatMap((group, number) => {
    const first = position;
    position += group.tokens.length;
    const name = group.name || "The text";
    const stream = create("div", {
      class: "stream", role: "listbox", tabindex: 0, "aria-label": `Tokens: ${name}`, "aria-orientation": "horizontal",
      "data-first": first, "data-count": group.tokens.length,
    });
    for (let at = 0; at < group.tokens.length; at += BLOCK) {
      const block = create("div", { class: "block", role: "presentation", dir: "auto" });
      block.dataset.first = first + at;
      stream.append(block);
      fill(block, group, at, first);
    }
    return [group.name ? create("h3", { class: "owner" }, create("bdi", null, group.name)) : null, group.tokens.length ? stream : null].filter(Boolean);
  }));
}

function fill(block, group, from, first) {
  const make = () => block.append(...group.tokens.slice(from, from + BLOCK).map((at, index) => tokenElement(at, first + from + index, group)));
  // What is far below is made when the page has been drawn.
  if (first + from < 4 * BLOCK) make();
  else later.push(make);
}
const later = [];
function catchUp() {
  const end = performance.now() + 12;
  while (later.length && performance.now() < end) later.shift()();
  if (later.length) setTimeout(catchUp);
}
const finish = () => { while (later.length) later.shift()(); };

const flat = groups.flatMap((group) => group.tokens);
function select(position, stream) {
  if (position < 0 || position >= flat.length) return;
  if (!byId(`token-${position}`)) finish();
  byId(`token-${current}`)?.classList.remove("current");
  byId(`token-${current}`)?.setAttribute("aria-selected", "false");
  current = position;
  const token = byId(`token-${position}`);
  token.classList.add("current");
  token.setAttribute("aria-selected", "true");
  (stream ?? token.closest(".stream")).setAttribute("aria-activedescendant", token.id);
  tell(position);
}

function tell(position) {
  const at = flat[position];
  const text = texts[at];
  const own = ids[at];
  const code = [...text].slice(0, 8).map((character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(" ");
  byId("about").replaceChildren(
    create("b", null, create("bdi", null, spoken(text))), `  ${own.length > 1 ? "ids" : "id"} `, create("b", null, own.join(" ") || "none"),
    `  token ${format(firsts[position] + 1)} of ${format(column.tokens)}, ${items(encoder.encode(text).length, "byte")}, ${items(frequency.get(at), "time")}  ${code}`);
}

const host = byId("tokens");
host.addEventListener("pointerover", (event) => {
  const token = event.target.closest(".token");
  if (token) tell(Number(token.dataset.at));
});
host.addEventListener("click", (event) => {
  const token = event.target.closest(".token");
  if (token) select(Number(token.dataset.at));
});
host.addEventListener("focusin", (event) => {
  const stream = event.target.closest(".stream");
  if (!stream) return;
  const first = Number(stream.dataset.first);
  if (current < first || current >= first + Number(stream.dataset.count)) select(first, stream);
});

/** The token in the line above or below, at about the same position. */
function across(direction) {
  const from = byId(`token-${current}`).getClientRects()[0];
  const step = direction > 0 ? 1 : -1;
  let best = current;
  for (let at = current + step; at >= 0 && at < flat.length && Math.abs(at - current) < 4000; at += step) {
    const box = byId(`token-${at}`)?.getClientRects()[0];
    if (!box) break;
    const isOther = direction > 0 ? box.top > from.top + 4 : box.top < from.top - 4;
    if (!isOther) continue;
    const chosen = byId(`token-${best}`).getClientRects()[0];
    if (best !== current && Math.abs(box.top - chosen.top) > 4) break;
    if (best === current || Math.abs(box.left - from.left) < Math.abs(chosen.left - from.left)) best = at;
  }
  return best;
}

host.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const stream = event.target.closest(".stream");
  const first = Number(stream.dataset.first);
  const last = first + Number(stream.dataset.count) - 1;
  const moves = {
    ArrowRight: () => current + 1, ArrowLeft: () => current - 1, Home: () => first, End: () => last,
    ArrowDown: () => across(1), ArrowUp: () => across(-1),
  };
  if (!(event.key in moves)) return;
  const to = Math.max(first, Math.min(last, moves[event.key]()));
  select(to, stream);
  byId(`token-${to}`).scrollIntoView({ block: "nearest" });
  event.preventDefault();
});

for (const name of ["spaces", "ids"]) {
  byId(name).addEventListener("change", () => {
    finish();
    for (const token of host.querySelectorAll(".token")) paint(token, flat[token.dataset.at]);
  });
}

function drawFrequent() {
  const most = [...frequency].filter(([at]) => ids[at].length).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 20);
  byId("frequent").hidden = !most.length;
  byId("frequent-list").append(create("table", { class: "counts" },
    create("caption", { class: "unseen" }, "The most frequent tokens"),
    create("thead", null, create("tr", null, ["Token", "Id", "Times", "Share"].map((title) => create("th", { scope: "col" }, title)))),
    create("tbody", null, most.map(([at, times]) => create("tr", null,
      create("th", { scope: "row" }, create("bdi", null, spoken(texts[at]))), create("td", null, ids[at].join(" ")),
      create("td", null, format(times)), create("td", null, percent(times, spansTotal)))))));
}

/** A conversation of which only the counts are known: its parts. */
function drawParts() {
  byId("tokens").append(create("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Parts of the conversation" },
    create("table", { class: "counts" },
      create("caption", { class: "unseen" }, "The parts of the conversation"),
      create("thead", null, create("tr", null, ["How it is known", "Message", "Role", "Kind", "Tokens"].map((title) => create("th", { scope: "col" }, title)))),
      create("tbody", null, parts.map((part) => create("tr", null,
        create("th", { scope: "row" }, create("bdi", null, part.how)), create("td", null, part.message ?? ""), create("td", null, create("bdi", null, part.role ?? "")),
        create("td", null, create("bdi", null, part.kind)), create("td", null, `${part.exact ? "" : "~"}${format(part.tokens)}`)))))));
}

byId("subtitle").append(create("bdi", null, data.title || items(column.tokens, "token")));
drawCards();
if (parts.length) {
  byId("about").hidden = true;
  byId("tokens-heading").textContent = "Parts";
  document.querySelector(".toggles").hidden = true;
  drawParts();
} else drawStream();
drawFrequent();
listSkipped("Not read");
requestAnimationFrame(() => setTimeout(catchUp));
addEventListener("beforeprint", finish);
