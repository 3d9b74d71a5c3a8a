// Tables: sorted by their headers, filtered by the slice, and the points of the map as rows.
const MOST_ROWS = 50;
const POINT_COLUMNS = [
  ["id", (point) => point.id],
  ["kind", (point) => (point.kind === "cases" ? "case" : "trace")],
  ["slice", (point) => (report.slices[point.slice] ? report.slices[point.slice].label : "–")],
  ["outcome or rating", rated, (point) => point.good],
  ["distance", (point) => (point.distance === null ? "–" : point.distance.toFixed(3)), (point) => point.distance],
  ["nearest case", (point) => point.near ?? "–"],
  ["novel", (point) => (point.novel ? "novel" : point.kind === "cases" ? "–" : "no")],
];
const sorted = { column: 4, down: true };

// Numbers by size with what is not known last, words by the alphabet.
function compare(a, b, down) {
  const missing = (one) => one === null || one === undefined || one === "–" || one === "";
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return down ? -order : order;
}

function setSorted(headers, at, down) {
  headers.forEach((header, index) => {
    if (index === at) header.setAttribute("aria-sort", down ? "descending" : "ascending");
    else header.removeAttribute("aria-sort");
  });
}

function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, index) => {
    const button = element("button", header.textContent);
    button.type = "button";
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = header.getAttribute("aria-sort") !== "descending" && (header.classList.contains("number") || header.hasAttribute("aria-sort"));
      const key = (row) => {
        const cell = row.cells[index];
        return cell.dataset.sort === undefined ? (header.classList.contains("number") ? null : cell.textContent) : Number(cell.dataset.sort);
      };
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => compare(key(a), key(b), down));
      table.tBodies[0].append(...rows);
      setSorted(headers, index, down);
    });
  });
}

// What names a slice becomes a button that filters by it.
function makePicks() {
  for (const name of document.querySelectorAll(".pick")) {
    const button = element("button", name.textContent, "pick");
    button.type = "button";
    button.dataset.pick = name.dataset.pick;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => pick(Number(button.dataset.pick)));
    name.replaceWith(button);
  }
}

function filterRows() {
  for (const row of document.querySelectorAll("tr[data-slice]")) row.hidden = !isSliceShown(Number(row.dataset.slice));
  for (const button of document.querySelectorAll("button.pick")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.pick) === chosen.slice));
  }
}

function makePointTable() {
  const table = byId("points");
  if (!table) return;
  if (report.traces.text || report.cases.text) POINT_COLUMNS.push(["text", (point) => point.text]);
  const head = table.tHead.rows[0];
  POINT_COLUMNS.forEach(([title, , size], index) => {
    const header = element("th", undefined, size ? "number" : "");
    header.scope = "col";
    const button = element("button", title);
    button.type = "button";
    button.addEventListener("click", () => {
      sorted.down = sorted.column === index ? !sorted.down : Boolean(size);
      sorted.column = index;
      listPoints();
    });
    header.append(button);
    head.append(header);
  });
  byId("points-fold").addEventListener("toggle", listPoints);
}

function listPoints() {
  const table = byId("points");
  if (!table) return;
  const shown = report.points.filter(isShown);
  const word = shown.length === report.points.length ? `all ${shown.length.toLocaleString("en")}` : `${shown.length.toLocaleString("en")} of ${report.points.length.toLocaleString("en")}`;
  byId("points-count").textContent = shown.length > MOST_ROWS ? `${word}, the first ${MOST_ROWS} listed` : word;
  if (!byId("points-fold").open) return;  // 50 rows are made when somebody looks
  const [, words, size] = POINT_COLUMNS[sorted.column];
  const keyed = shown.map((point) => [(size ?? words)(point), point]);
  keyed.sort((a, b) => compare(a[0], b[0], sorted.down));
  const rows = keyed.slice(0, MOST_ROWS).map(([, point]) => {
    const row = element("tr");
    POINT_COLUMNS.forEach(([, say, number], index) => row.append(element(index ? "td" : "th", say(point), number ? "number" : "")));
    row.firstChild.scope = "row";
    row.addEventListener("pointerenter", () => map.view && point.shown && mark(point));
    row.addEventListener("pointerleave", () => map.view && mark(null));
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
  setSorted([...table.tHead.rows[0].cells], sorted.column, sorted.down);
}
