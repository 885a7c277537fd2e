// The folders and files of a report. `data.folders` has the name and the parent of each folder, the
// parents first; `data.files` a column for each property of files.

/** Nodes of all folders; `values(index)` are the numbers of a file, which add up. */
function buildTree(folders, files, values) {
  const width = files.name.length ? values(0).length : 1;
  const nodes = folders.name.map((name) => ({
    name, parent: null, children: [], isFolder: true, files: 0, sums: new Array(width).fill(0), depth: 0,
  }));
  nodes.forEach((node, at) => {
    if (!at) return;
    node.parent = nodes[folders.parent[at]];
    node.parent.children.push(node);
    node.depth = node.parent.depth + 1;
  });
  const leaves = files.name.map((name, index) => {
    const parent = nodes[files.folder[index]];
    const leaf = { name, parent, index, isFolder: false, files: 1, sums: values(index), depth: parent.depth + 1 };
    parent.children.push(leaf);
    add(parent, leaf);
    return leaf;
  });
  for (let at = nodes.length - 1; at > 0; at -= 1) add(nodes[at].parent, nodes[at]);
  return { root: nodes[0], leaves };
}

function add(folder, node) {
  folder.files += node.files;
  node.sums.forEach((value, at) => { folder.sums[at] += value; });
}

/** The folder that all files are below: there is nothing to see above it. */
function firstFolder(root) {
  let node = root;
  while (node.children.length === 1 && node.children[0].isFolder) node = node.children[0];
  return node;
}

function pathOf(node) {
  if (node.path === undefined) {
    const above = node.parent ? pathOf(node.parent) : "";
    node.path = above && above !== "/" ? `${above}/${node.name}` : above + node.name;
  }
  return node.path;
}

/** The way from the root to a folder, as buttons. */
function drawCrumbs(host, node, onOpen) {
  const way = [];
  for (let each = node; each; each = each.parent) way.unshift(each);
  host.replaceChildren(...way.flatMap((each, at) => {
    const name = create("bdi", null, at ? each.name : "All");
    const crumb = each === node
      ? create("span", { "aria-current": "location" }, name)
      : create("button", { type: "button", class: "link", onclick: () => onOpen(each) }, name);
    return at ? [create("span", { class: "slash", "aria-hidden": "true" }, "/"), crumb] : [crumb];
  }));
}
