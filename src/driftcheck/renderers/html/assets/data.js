// What the page knows of the report, and what its reader has chosen; every part listens to `report.on`.
"use strict";
const byId = (id) => document.getElementById(id);
const report = JSON.parse(byId("data").textContent);
const chosen = { slice: null, show: "", query: "", colour: "coverage" };
const listeners = [];
report.on = (listener) => listeners.push(listener);
report.changed = () => listeners.forEach((listener) => listener());

// Cases after traces, so that they are drawn over them.
report.points = ["traces", "cases"].flatMap((kind) => {
  const columns = report[kind];
  return columns.id.map((id, row) => ({
    kind: kind, row: row, id: id, slice: columns.slice[row], x: columns.x[row] / 1000, y: columns.y[row] / 1000,
    distance: columns.d[row] === null ? null : columns.d[row] / 1000,
    near: columns.near[row] < 0 ? null : report.cases.id[columns.near[row]],
    novel: kind === "traces" && columns.novel[row] === "1",
    good: columns.good[row], text: columns.text ? columns.text[row] : "",
  }));
});
report.points.forEach((point) => {
  const slice = report.slices[point.slice];
  point.found = [point.id, slice ? slice.label : "", point.text].join("\n").toLowerCase();
});

function isBad(point) {
  return point.good !== null && point.good < 50;
}

function isShown(point) {
  return (chosen.slice === null || point.slice === chosen.slice)
    && (chosen.show === "" || chosen.show === point.kind || (chosen.show === "novel" && point.novel)
      || (chosen.show === "bad" && isBad(point)))
    && (chosen.query === "" || point.found.includes(chosen.query));
}

function isSliceShown(index) {
  return chosen.slice === null || chosen.slice === index;
}

function pick(slice) {
  chosen.slice = slice === chosen.slice ? null : slice;
  report.changed();
}

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function share(number) {
  return number === null ? "–" : `${number} %`;
}

function rated(point) {
  if (point.good === null) return point.kind === "cases" ? "no outcome" : "not rated";
  const word = point.kind === "cases" ? ["fails", "passes"] : ["not satisfied", "satisfied"];
  return point.good === 0 ? word[0] : point.good === 100 ? word[1] : `${word[1]} ${share(point.good)}`;
}

// A colour of the page as the canvas needs it.
function colourOf(name) {
  const probe = byId("probe");
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

const hover = byId("hover");
function showHover(event, lines, text) {
  hover.replaceChildren(...lines.map((line) => element("p", line)));
  if (text) hover.append(element("p", text, "said"));
  hover.hidden = false;
  const box = hover.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, innerWidth - box.width - 8);
  const below = event.clientY + 14 + box.height < innerHeight;
  hover.style.left = `${Math.max(left, 4)}px`;
  hover.style.top = `${Math.max(below ? event.clientY + 14 : event.clientY - box.height - 10, 4)}px`;
}

function describe(point) {
  const slice = report.slices[point.slice];
  const lines = [`${point.kind === "cases" ? "Case" : "Trace"} ${point.id}`];
  if (slice) lines.push(slice.label);
  lines.push(rated(point));
  if (point.distance !== null) {
    const far = `${point.distance.toFixed(2)} from ${point.kind === "cases" ? "the nearest other case" : "its nearest case"}`;
    lines.push(`${far}${point.near === null ? "" : `, ${point.near}`}${point.novel ? ": novel" : ""}`);
  }
  return lines;
}
