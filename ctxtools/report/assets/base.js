// What all pages share. Names and contents reach the page as text nodes alone, never as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const numbers = new Intl.NumberFormat("en-US");
const format = (number) => numbers.format(number);
const isNarrow = matchMedia("(max-width: 40rem)");

/** An element with attributes ("on…" are listeners) and children, of which strings become text. */
function create(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function percent(part, whole) {
  if (!whole) return "";
  const share = (100 * part) / whole;
  if (share === 0) return "0 %";
  if (share < 0.1) return "< 0.1 %";
  if (share !== 100 && share.toFixed(1) === "100.0") return share < 100 ? "> 99.9 %" : "> 100.0 %";
  const digits = share === 100 || share >= 1000 ? 0 : 1;
  return `${share.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} %`;
}

function items(number, noun) {
  return `${format(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (number >= 999.5 && unit < units.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${unit && number < 99.95 ? number.toFixed(1) : Math.round(number)} ${units[unit]}`;
}

/** A bar for a share of something. */
function meter(part, whole, label, isOver = part > whole) {
  const share = Math.min(1, whole ? part / whole : 0);
  const fill = create("span");
  fill.style.width = `${100 * share}%`;
  return create("div", {
    class: isOver ? "meter full" : "meter", role: "meter", "aria-label": label,
    "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(100 * share),
    "aria-valuetext": `${percent(part, whole)} of ${format(whole)}`,
  }, part ? fill : null);
}

function swatch(fill) {
  const element = create("span", { class: "swatch", "aria-hidden": "true" });
  element.style.background = `var(--fill-${fill})`;
  return element;
}

/** Radio buttons that look like one control. */
function segments(host, name, options, chosen, onChange) {
  for (const [value, label] of options) {
    const input = create("input", {
      type: "radio", name, value, checked: value === chosen, onchange: () => onChange(value),
    });
    host.append(create("label", null, input, label));
  }
}

/** A list that grows on request, so that a thousand entries are not there at once. */
function longList(entries, toItem, step = 200) {
  const list = create("ul");
  const more = create("button", { type: "button", class: "link" });
  let shown = 0;
  const grow = () => {
    list.append(...entries.slice(shown, shown + step).map((entry, at) => toItem(entry, shown + at)));
    shown = Math.min(entries.length, shown + step);
    more.hidden = shown === entries.length;
    more.textContent = `Show ${format(Math.min(step, entries.length - shown))} more of ${format(entries.length)}`;
  };
  more.addEventListener("click", grow);
  grow();
  return [list, more];
}

/** Control characters, and what hides or reverses text, as marks that can be seen. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udc7f]/g;
function mark(character) {
  const code = character.codePointAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}
const JOINED = /(?<=\p{Emoji}|\p{L}|\p{M}|\ufe0f)[\u200c\u200d](?=\p{Emoji}|\p{L})/u;
const visible = (text) => text.replace(HIDDEN, (found, at) => {
  const joins = found === "\u200c" || found === "\u200d";
  return joins && JOINED.test(text.slice(Math.max(0, at - 2), at + 3)) ? found : mark(found);
});

function listSkipped(heading) {
  const { folders, groups } = data.skipped;
  if (groups.length) {
    byId("skipped").hidden = false;
    const total = groups.reduce((sum, group) => sum + group.name.length, 0);
    byId("skipped-heading").textContent = `${heading}: ${items(total, "file")}`;
    const starts = folders.name.map(() => ""); // of the paths in each folder
    folders.name.forEach((name, at) => {
      if (at) starts[at] = `${starts[folders.parent[at]]}${name === "/" ? "" : name}/`;
    });
    byId("skipped-list").append(...groups.map((group) => {
      const reason = create("span", { class: group.error ? "over" : null }, create("bdi", null, group.reason));
      return create("details", { class: "group", open: groups.length === 1 && group.name.length < 20 },
        create("summary", null, reason, create("span", { class: "dim" }, ` · ${items(group.name.length, "file")}`)),
        group.hint ? create("p", { class: "hint" }, `Hint: ${group.hint}`) : null,
        longList(group.name, (name, at) => create("li", null, create("bdi", null, starts[group.folder[at]] + name))));
    }));
  }
  if (data.notes.length) {
    byId("notes").hidden = false;
    const [list, more] = longList(data.notes, (note) => create("li", null, create("bdi", null, note)));
    byId("notes-list").replaceWith(list);
    list.id = "notes-list";
    list.after(more);
  }
}

// Colors: a theme of the system, or the other one. Canvases are drawn again when it changes.
const themed = [];
const THEMES = ["system", "light", "dark"];
function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
  for (const redraw of themed) redraw();
}
byId("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme ?? "system";
  setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
});
for (const query of ["(prefers-color-scheme: dark)", "print"]) {
  matchMedia(query).addEventListener("change", () => themed.forEach((redraw) => redraw()));
}
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});

/** The colors of the style sheet as they are now. */
function colors(...names) {
  const probe = document.body.appendChild(create("span", { hidden: true }));
  const found = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}

if (data.title) {
  document.title = `${data.title} – ${document.title}`;
}
