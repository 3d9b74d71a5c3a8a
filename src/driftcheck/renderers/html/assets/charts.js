// Vega draws every chart from its declaration and its rows; expressions are interpreted, never compiled.
const views = [];

async function embed(name, datasets) {
  const frame = byId(`chart-${name}`);
  if (!frame) return null;
  const inner = element("div");
  inner.setAttribute("aria-hidden", "true");  // the frame says what it shows
  frame.replaceChildren(inner);
  const spec = report.charts[name];
  const embedded = await vegaEmbed(inner, { ...spec, datasets: { ...spec.datasets, ...datasets } }, {
    mode: "vega-lite", renderer: name === "map" ? "canvas" : "svg", actions: false, ast: true, defaultStyle: false,
    hover: false,
    tooltip: (handler, event, item, value) => {
      if (value === null || value === undefined || value === "") hover.hidden = true;
      else showHover(event, [String(value)]);
    },
  });
  return embedded.view;
}

async function drawCharts() {
  for (const name of Object.keys(report.charts).filter((name) => name !== "map")) {
    const view = await embed(name, report.rows);
    if (!view) continue;
    views.push(view);
    view.addEventListener("click", (event, item) => {
      if (item && item.datum && Number.isInteger(item.datum.slice)) pick(item.datum.slice);
    });
  }
  if (!byId("chart-map")) return;
  const members = (kind) => report.points.filter((point) => point.kind === kind);
  map.view = await embed("map", { traces: members("traces"), cases: members("cases"), names: [] });
  listenToMap();
  await drawMap();
  let waiting = 0;
  new ResizeObserver(() => { clearTimeout(waiting); waiting = setTimeout(drawMap, 100); }).observe(byId("chart-map"));
}

function markPicked() {
  for (const view of views) {
    try {
      view.signal("picked", chosen.slice).run();
    } catch {
      continue;  // a trend knows no slice
    }
  }
}
