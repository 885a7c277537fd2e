import { readFile } from "node:fs/promises";

const SPECIES = {
  "Larus argentatus": "herring gull",
  "Larus marinus": "great black-backed gull",
  "Chroicocephalus ridibundus": "black-headed gull",
};

/** The counts of one day, by species. */
export async function counts(path) {
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  return lines.reduce((found, line) => {
    const [name, number] = line.split(",");
    return { ...found, [name]: (found[name] ?? 0) + Number(number) };
  }, {});
}

export class Report {
  #counts;

  constructor(counts) {
    this.#counts = counts;
  }

  get total() {
    return Object.values(this.#counts).reduce((sum, n) => sum + n, 0);
  }

  toString() {
    const rows = Object.entries(this.#counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, n]) => `${SPECIES[name] ?? name}: ${n}`);
    return [...rows, `all: ${this.total}`].join("\n");
  }
}
