// The page: what its controls do, and how it goes from light to dark and to paper.
function tellStatus() {
  const status = byId("status");
  if (!status) return;
  const filtered = chosen.slice !== null || chosen.show !== "" || chosen.query !== "";
  byId("reset").disabled = !filtered;
  const count = (kind) => report.points.filter((point) => point.kind === kind && isShown(point)).length.toLocaleString("en");
  const points = byId("chart-map") ? `${count("traces")} traces, ${count("cases")} cases shown. ` : "";
  const chip = byId("chip");
  chip.hidden = !filtered;
  const words = [chosen.slice === null ? "" : report.slices[chosen.slice].label, chosen.show && byId("show").selectedOptions[0].text, chosen.query && `“${chosen.query}”`];
  chip.firstElementChild.textContent = `Only ${words.filter(Boolean).join(", ")}`;
  status.textContent = filtered ? points + (chosen.slice === null ? "" : report.slices[chosen.slice].said) : "";
}

function onFilter() {
  const slice = byId("slice");
  if (slice) slice.value = chosen.slice === null ? "" : String(chosen.slice);
  drawMap();
  markPicked();
  filterRows();
  listPoints();
  tellStatus();
}

function reset() {
  chosen.slice = null;
  chosen.show = chosen.query = "";
  for (const id of ["show", "search"]) if (byId(id)) byId(id).value = "";
  map.box = map.whole;
  report.changed();
}

function listenToControls() {
  const on = (id, type, act) => byId(id) && byId(id).addEventListener(type, act);
  let waiting = 0;
  on("slice", "change", (event) => { chosen.slice = event.target.value === "" ? null : Number(event.target.value); report.changed(); });
  on("show", "change", (event) => { chosen.show = event.target.value; report.changed(); });
  on("search", "input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { chosen.query = event.target.value.trim().toLowerCase(); report.changed(); }, 120);
  });
  on("reset", "click", reset);
  byId("chip").querySelector("button").addEventListener("click", () => { reset(); byId("main").focus({ preventScroll: true }); });
  on("theme", "change", (event) => setTheme(event.target.value));
  addEventListener("keydown", (event) => { if (event.key === "Escape") hover.hidden = true; });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawMap);
}

// SVG charts follow the stylesheet by themselves; the map's canvas is drawn anew.
function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  drawMap();
}

// On paper all is open and light.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((one) => { one.open = true; });
  listPoints();
  setTheme("light");
});
addEventListener("afterprint", () => {
  folded.forEach((one) => { one.open = false; });
  setTheme(byId("theme").value);
});

document.documentElement.classList.add("scripted");
const clip = byId("clip");
if (clip && report.clip) clip.textContent = `Texts are cut at ${report.clip} characters where they are longer.`;
else if (clip && clip.dataset.texts) clip.textContent = "Texts are left out here: there are too many for a page of 3 MB.";
document.querySelectorAll("table.sortable").forEach(makeSortable);
makePicks();
makePointTable();
listenToControls();
report.on(onFilter);
tellStatus();
listPoints();
drawCharts();
