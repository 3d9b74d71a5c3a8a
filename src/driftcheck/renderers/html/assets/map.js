// The map: colours, filter, zoom, and what lies under the pointer. Vega draws; how a point looks is data to it.
const map = { view: null, box: null, shown: 0 };
const BANDS = 4;

// The ends of some points, with a margin: left, right, bottom, top.
function boxOf(points, margin) {
  const ends = (values) => values.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [1, -1]);
  const [left, right] = ends(points.map((point) => point.x)), [bottom, top] = ends(points.map((point) => point.y));
  const [x, y] = [Math.max(right - left, 0.02) * margin, Math.max(top - bottom, 0.02) * margin];
  return [left - x, right + x, bottom - y, top + y];
}
map.whole = boxOf(report.points, 0.05);
map.box = map.whole;

// Distances of the traces that are not novel, cut into four bands of as many traces each.
map.cuts = (() => {
  const known = report.points.filter((one) => one.kind === "traces" && !one.novel && one.distance !== null);
  const sorted = known.map((one) => one.distance).sort((a, b) => a - b);
  return sorted.length < BANDS ? [] : [1, 2, 3].map((band) => sorted[Math.floor((band * sorted.length) / BANDS)]);
})();
// The eight slices of most traffic have a colour of their own.
const NAMED_COLOURS = 8;

function styleOf(point) {
  if (chosen.colour === "slice") return point.slice >= 0 && point.slice < NAMED_COLOURS ? `c${point.slice}` : "other";
  if (chosen.colour === "good") return point.good === null ? "none" : isBad(point) ? "bad" : "good";
  if (point.kind === "cases") return "ink";
  if (point.novel) return "novel";
  return point.distance === null ? "none" : `near${map.cuts.filter((cut) => point.distance >= cut).length}`;
}

function legendEntries() {
  const entries = [];
  const dot = (colour, text, name) => entries.push([colour, text, name]);
  if (chosen.colour === "slice") {
    report.slices.slice(0, NAMED_COLOURS).forEach((slice, index) => dot(`c${index}`, slice.label));
    if (report.slices.length > NAMED_COLOURS) dot("other", "other slices");
    dot("paper", "case", "case");
  } else if (chosen.colour === "good") {
    dot("good", "satisfied; case passes");
    dot("bad", "not satisfied; case fails");
    dot("none", "not rated; no outcome");
    dot("paper", "case", "case");
  } else {
    const cut = map.cuts.map((one) => one.toFixed(2));
    const bands = cut.length ? [`nearer than ${cut[0]} to a case`, `${cut[0]} to ${cut[1]}`, `${cut[1]} to ${cut[2]}`, `${cut[2]} and more`] : [];
    bands.forEach((text, band) => dot(`near${band}`, text));
    dot("novel", "novel: farther than 95 % of cases are from each other");
    dot("ink", "case", "case");
  }
  return entries;
}

function drawLegend() {
  byId("legend").replaceChildren(...legendEntries().map(([colour, text, name]) => {
    const entry = element("li");
    const mark = element("i", "", name);
    mark.style.background = `var(--${colour})`;
    entry.append(mark, text);
    return entry;
  }));
}

// Where a place of the map lies in its frame, in pixels.
function project(place) {
  const [left, right, bottom, top] = map.box;
  return [((place.x - left) / (right - left)) * map.width, ((top - place.y) / (top - bottom)) * map.height];
}

// What a point is to Vega: where it lies and how it looks.
function dress() {
  const colours = {};
  const of = (name) => (colours[name] ??= colourOf(name));
  const faint = of("faint"), edge = of(chosen.colour === "coverage" ? "paper" : "ink");
  const small = report.points.length > 4000 ? 14 : 26;
  map.shown = 0;
  for (const point of report.points) {
    const isCase = point.kind === "cases", pale = chosen.colour === "good" && point.good === null;
    point.shown = isShown(point);
    map.shown += point.shown;
    [point.left, point.top] = project(point);
    point.fill = point.shown ? of(styleOf(point)) : faint;
    point.stroke = point.shown ? edge : faint;
    point.opacity = !point.shown ? 0.45 : isCase ? 1 : pale ? 0.4 : 0.8;
    point.size = isCase ? 46 : point.shown && (point.novel || (chosen.colour === "good" && !pale)) ? small * 1.7 : small;
  }
}

// Names of the slices with the most traffic first; one that would lie on another is left out until there is room.
function namesShown() {
  const taken = [];
  const fits = (name) => {
    const half = name.name.length * 3.6 + 4;
    const free = taken.every((other) => Math.abs(other.left - name.left) > half + other.half || Math.abs(other.top - name.top) > 16);
    if (free) taken.push({ ...name, half: half });
    return free;
  };
  if (!byId("names").checked) return [];
  const narrow = map.width < 560 && chosen.slice === null;
  return report.names.filter((name) => isSliceShown(name.slice)).map((name) => {
    const [left, top] = project(name);
    return { left: left, top: top, name: narrow ? name.id : name.name };
  }).filter(fits);
}

async function drawMap() {
  if (!map.view) return;
  const frame = byId("chart-map");
  [map.width, map.height] = [frame.clientWidth - 4, frame.clientHeight - 4];  // less the chart's padding
  dress();
  drawLegend();
  // the points' own fields have changed in place: all are drawn anew
  for (const kind of ["traces", "cases"]) map.view.change(kind, map.view.changeset().reflow());
  map.view.data("names", namesShown());
  map.view.signal("ink", colourOf("ink")).signal("paper", colourOf("paper"));
  await map.view.runAsync();
  mark(null);
  document.dispatchEvent(new CustomEvent("driftcheck:drawn", { detail: { points: report.points.length, shown: map.shown } }));
}

// The point under the pointer: the nearest within 12 pixels.
function nearest(event) {
  const frame = byId("chart-map").getBoundingClientRect();
  const x = event.clientX - frame.left - 2, y = event.clientY - frame.top - 2;
  let best = null, least = 12 ** 2;
  for (const point of report.points) {
    const apart = (point.left - x) ** 2 + (point.top - y) ** 2;
    if (point.shown && (apart < least || (apart === least && point.kind === "cases"))) [best, least] = [point, apart];
  }
  return best;
}

function mark(point) {
  const ring = byId("ring");
  ring.hidden = point === null;
  if (point === null) return;
  ring.style.left = `${point.left + 2}px`;
  ring.style.top = `${point.top + 2}px`;
}

function zoom(factor) {
  const [left, right, bottom, top] = map.box;
  const [x, y, w, h] = [(left + right) / 2, (bottom + top) / 2, (right - left) * factor / 2, (top - bottom) * factor / 2];
  map.box = 2 * w >= map.whole[1] - map.whole[0] ? map.whole : [x - w, x + w, y - h, y + h];
  drawMap();
}

function zoomToFit() {
  const shown = report.points.filter((point) => point.shown);
  if (shown.length) map.box = boxOf(shown, 0.08);
  drawMap();
}

function listenToMap() {
  const frame = byId("chart-map");
  let held = null, moved = false;
  frame.addEventListener("pointermove", (event) => {
    if (held && event.pointerType === "mouse") {
      const [left, right, bottom, top] = held.box;
      const dx = ((held.x - event.clientX) / frame.clientWidth) * (right - left);
      const dy = ((event.clientY - held.y) / frame.clientHeight) * (top - bottom);
      moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4;
      if (moved) {
        map.box = [left + dx, right + dx, bottom + dy, top + dy];
        hover.hidden = true;
        drawMap();
      }
      return;
    }
    const point = nearest(event);
    mark(point);
    if (point === null) hover.hidden = true;
    else showHover(event, describe(point), point.text);
  });
  frame.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, box: map.box };
    moved = false;
  });
  addEventListener("pointerup", () => { held = null; });
  frame.addEventListener("pointerleave", () => { mark(null); hover.hidden = true; });
  frame.addEventListener("click", (event) => {
    const point = moved ? null : nearest(event);
    if (point !== null && point.slice >= 0) pick(point.slice);
  });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;  // the wheel alone scrolls the page
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8);
  }, { passive: false });
  byId("zoom-in").addEventListener("click", () => zoom(0.7));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 0.7));
  byId("zoom-fit").addEventListener("click", zoomToFit);
  byId("colour").addEventListener("change", (event) => { chosen.colour = event.target.value; drawMap(); });
  byId("names").addEventListener("change", drawMap);
}
