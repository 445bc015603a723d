"use strict";
/* The page's own script. Where it is, which filters hold and what is open stand in the address after "#", so that the
   browser's own back and forward work and a view can be passed on. Text reaches the page as text only. */
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const points = data.points;
  const numbers = new Map(points.map((point, number) => [point.id, number]));
  const rows = [...byId("list").children];
  const filters = byId("filters");
  const many = ["type", "country", "attribution"];
  const single = ["q", "from", "to", "disputed", "several"];
  const statuses = Object.keys(data.attributions);
  const color = (name) => `var(--${name})`;
  let sorted = { by: null, all: [] };
  let shown = [];
  let open = null;
  let listPlace = 0;
  let overview = "";

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  /* ---- filters ---- */

  function readFilters() {
    const form = new FormData(filters);
    const state = new URLSearchParams();
    for (const name of [...many, ...single]) for (const value of form.getAll(name)) if (value) state.append(name, value);
    if (byId("sort").value !== "new") state.set("sort", byId("sort").value);
    return state;
  }

  function writeFilters(state) {
    for (const box of filters.querySelectorAll("input[type=checkbox]")) box.checked = state.getAll(box.name).includes(box.value);
    for (const name of ["q", "from", "to"]) filters.elements[name].value = state.get(name) ?? "";
    byId("sort").value = state.get("sort") ?? "new";
    if (byId("sort").selectedIndex < 0) byId("sort").value = "new";
  }

  function fits(point, state, wanted) {
    if (wanted.type.size && !wanted.type.has(point.type)) return false;
    if (wanted.country.size && !wanted.country.has(point.country || "-")) return false;
    if (wanted.attribution.size && !wanted.attribution.has(point.attribution)) return false;
    if (state.get("disputed") && !point.disputed) return false;
    if (state.get("several") && point.articles < 2) return false;
    const from = state.get("from"), to = state.get("to");
    if (from && !((point.end ?? point.start) >= from)) return false;
    if (to && !((point.start ?? point.end) <= to)) return false;
    const words = (state.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => point.words.includes(word));
  }

  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const last = (value, direction) => value ?? (direction > 0 ? "9999" : "");
  const orders = {
    new: (a, b) => compare(last(b.start, -1), last(a.start, -1)),
    old: (a, b) => compare(last(a.start, 1), last(b.start, 1)),
    killed: (a, b) => (b.killed ?? -1) - (a.killed ?? -1),
    articles: (a, b) => b.articles - a.articles,
    disputed: (a, b) => b.disputed - a.disputed || b.articles - a.articles,
  };

  function sort(name) {
    if (name === sorted.by) return;
    const order = orders[name];
    const all = points.map((_, number) => number);
    all.sort((a, b) => order(points[a], points[b]) || orders.new(points[a], points[b]) || a - b);
    byId("list").replaceChildren(...all.map((number) => rows[number]));
    sorted = { by: name, all };
  }

  function filter() {
    const state = readFilters();
    const wanted = Object.fromEntries(many.map((name) => [name, new Set(state.getAll(name))]));
    sort(state.get("sort") ?? "new");
    shown = sorted.all.filter((number) => fits(points[number], state, wanted));
    const visible = new Set(shown);
    for (const [number, row] of rows.entries()) if (row.hidden === visible.has(number)) row.hidden = !row.hidden;
    byId("count").textContent = shown.length === points.length ? `all ${points.length}` : `${shown.length} of ${points.length}`;
    byId("empty").hidden = shown.length > 0;
    for (const name of many) {
      const names = [...filters.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.dataset.name);
      filters.querySelector(`[data-chosen=${name}]`).textContent = names.length > 1 ? `${names.length} chosen` : names[0] ?? "all";
    }
    overview = state.toString();
    draw();
  }

  function changed() {
    filter();
    history.replaceState(null, "", `#${overview}`);
  }

  filters.addEventListener("input", changed);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(changed));
  byId("sort").addEventListener("change", changed);
  document.addEventListener("click", (event) => closePicks(event.target));
  document.addEventListener("focusin", (event) => closePicks(event.target));
  function closePicks(target) {
    for (const pick of document.querySelectorAll(".pick[open]")) if (!pick.contains(target)) pick.open = false;
  }

  /* ---- charts ---- */

  const world = JSON.parse(byId("outlines").textContent);
  const countries = topojson.feature(world, world.objects.countries);
  const borders = topojson.mesh(world, world.objects.countries);
  const day = (text) => new Date(`${text}T00:00:00Z`);
  const waiting = new Set();
  const charts = new WeakMap();

  function put(host, build) {
    charts.set(host, build);
    if (!waiting.size) requestAnimationFrame(() => {
      for (const each of waiting) if (each.isConnected && each.clientWidth) each.replaceChildren(...[charts.get(each)(each.clientWidth)].flat());
      waiting.clear();
    });
    waiting.add(host);
  }

  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) if (target.dataset.width !== String(target.clientWidth)) {
      target.dataset.width = target.clientWidth;
      if (charts.has(target)) put(target, charts.get(target));
    }
  });

  /* A chart is one picture with a description; the names that Plot gives its groups are no use to those who hear them. */
  function plot(options) {
    const chart = Plot.plot({ className: "plot", ...options });
    chart.setAttribute("role", "img");
    for (const group of chart.querySelectorAll("g[aria-label]")) {
      group.dataset.mark = group.getAttribute("aria-label");
      group.removeAttribute("aria-label");
    }
    return chart;
  }

  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  function interval(days) {
    const span = (d3.max(days) - d3.min(days)) / 864e5;
    return span <= 45 ? "day" : span <= 400 ? "week" : span <= 3700 ? "month" : "year";
  }

  function timeline(width) {
    const dated = shown.map((number) => points[number]).filter((point) => point.day);
    const rest = shown.length - dated.length;
    byId("timeline-note").textContent = rest ? `${rest} without a close date are not drawn` : "";
    if (!dated.length) return make("p", { className: "quiet", textContent: "No incident with a close date." });
    const days = dated.map((point) => day(point.day));
    const unit = interval(days);
    const here = statuses.filter((status) => dated.some((point) => point.attribution === status));
    return [
      make("ul", { className: "keys" }, ...here.map((status) => make("li", {}, make("i", { className: `dot a-${status}` }), data.attributions[status]))),
      plot({
        width, height: 250, marginLeft: 36, marginBottom: 28,
        ariaLabel: `Incidents by ${unit}`,
        ariaDescription: `Bars of the number of incidents by ${unit}, from ${d3.min(dated, (p) => p.day)} to ${d3.max(dated, (p) => p.day)}, by who is said to be responsible. The list below has the same incidents.`,
        x: { type: "utc", label: null }, y: { label: `incidents by ${unit}`, grid: true, tickFormat: (n) => (Number.isInteger(n) ? n : ""), tickSize: 0, nice: true },
        color: { domain: statuses, range: statuses.map(color) },
        marks: [
          Plot.rectY(dated, Plot.binX({ y: "count" }, { x: (point) => day(point.day), interval: unit, fill: "attribution", order: statuses, inset: 0.5, tip: { format: { x: true, fill: (key) => data.attributions[key] }, channels: {} } })),
          Plot.ruleY([0]),
        ],
      }),
    ];
  }

  function extent(places) {
    const [west, east] = d3.extent(places, (place) => place.lon), [south, north] = d3.extent(places, (place) => place.lat);
    const pad = Math.max(4, (east - west) * 0.08, (north - south) * 0.08);
    const box = [Math.max(-180, west - pad), Math.max(-85, south - pad), Math.min(180, east + pad), Math.min(85, north + pad)];
    return { box, corners: { type: "MultiPoint", coordinates: [[box[0], box[1]], [box[2], box[3]]] } };
  }

  function map(width) {
    const placed = shown.map((number) => points[number]).filter((point) => point.lat !== null);
    const rest = shown.length - placed.length;
    const vague = placed.some((point) => !point.exact) ? ["a ring is the middle of a region or country"] : [];
    byId("map-note").textContent = [...vague, ...(rest ? [`${rest} without a known place are not drawn`] : [])].join("; ");
    const places = d3.groups(placed, (point) => `${point.lat},${point.lon}`).map(([, group]) => ({
      lat: group[0].lat, lon: group[0].lon, count: group.length, disputed: group.some((point) => point.disputed),
      exact: group.some((point) => point.exact), name: group[0].where, link: group.length === 1 ? at(group[0].id) : null, words: group[0].where.split(",")[0],
    }));
    const { box, corners } = places.length ? extent(places) : { box: [-180, -60, 180, 80], corners: { type: "Sphere" } };
    const near = box[2] - box[0] < 75;
    const named = near ? countries.features.map((each) => ({ name: each.properties.name, center: d3.geoCentroid(each) })).filter(({ center: [x, y] }) => x > box[0] && x < box[2] && y > box[1] && y < box[3]) : [];
    const chart = plot({
      width, height: Math.min(290, Math.max(220, width * 0.5)),
      ariaLabel: "Map of the incidents",
      ariaDescription: `${plural(places.length, "place")} with ${plural(placed.length, "incident")}; larger circles are more incidents. The list below has the same incidents.`,
      projection: { type: "equirectangular", domain: corners, inset: 12 },
      opacity: { domain: [0, 1], range: [0, 1] },
      r: { type: "sqrt", domain: [0, Math.max(6, d3.max(places, (place) => place.count) ?? 1)], range: [0, 13] },
      marks: [
        Plot.geo(countries, { fill: color("land") }),
        Plot.geo(borders, { stroke: color("coast"), strokeWidth: 0.7 }),
        Plot.text(named, { x: (d) => d.center[0], y: (d) => d.center[1], text: "name", fill: color("soft"), fontSize: 10 }),
        Plot.dot(places, { x: "lon", y: "lat", r: "count", fill: color("dot"), fillOpacity: (place) => (place.exact ? 0.55 : 0), stroke: color("dot"), strokeWidth: 1.2, sort: { channel: "-r" } }),
        Plot.tip(places, Plot.pointer({ x: "lon", y: "lat", title: (d) => `${d.name}\n${plural(d.count, "incident")}${d.disputed ? "\nreports disagree" : ""}${d.exact ? "" : "\nplace not known more closely"}`, fill: color("raised"), stroke: color("coast") })),
      ],
    });
    chart.addEventListener("click", () => {
      if (!chart.value) return;
      if (chart.value.link) location.hash = chart.value.link;
      else { filters.elements.q.value = chart.value.words; changed(); }
    });
    return chart;
  }

  function draw() {
    put(byId("timeline"), timeline);
    put(byId("map"), map);
  }

  function attributionOverTime(steps) {
    const dated = steps.filter((step) => step.day);
    const here = statuses.filter((status) => dated.some((step) => step.status === status));
    const spots = d3.groups(dated, (step) => `${step.day} ${step.status}`).map(([, group]) => ({ ...group[0], count: group.length, actors: group.map((step) => step.actor || "nobody named").join(", ") }));
    return (width) => plot({
      width, height: 40 + here.length * 26, marginLeft: 96, marginRight: 20, marginTop: 4, marginBottom: 26,
      ariaLabel: "Attribution over time", ariaDescription: "The steps listed below, by day of publication; larger circles are more steps.",
      x: { type: "utc", label: null, inset: 24, tickFormat: "%-d %b", ticks: Math.min(6, Math.floor(width / 90)) }, y: { domain: here, label: null, tickSize: 0 },
      color: { domain: statuses, range: statuses.map(color) }, r: { type: "sqrt", domain: [0, 6], range: [0, 11] },
      marks: [
        Plot.ruleY(here, { stroke: color("line") }),
        Plot.dot(spots, { x: (step) => day(step.day), y: "status", fill: "status", r: "count", stroke: color("paper") }),
        Plot.tip(spots, Plot.pointer({ x: (step) => day(step.day), y: "status", title: "actors", fill: color("raised"), stroke: color("coast") })),
      ],
    });
  }

  const keys = (rows) => make("ul", { className: "keys" }, ...[...new Set(rows.map((row) => row.part))].map((part) => make("li", {}, make("i", { className: `dot p-${part}` }), part)));

  const modelCharts = {
    figures: () => (width) => {
      const names = [...new Set(data.figures.map((figure) => figure.name))], parts = [...new Set(data.figures.map((figure) => figure.part))];
      const across = width >= 640, facet = across ? "fx" : "fy";
      return plot({
        width: Math.min(width, 1100), height: (30 + 26 * names.length) * (across ? 1 : parts.length) + 30, marginLeft: 165, marginRight: across ? 20 : 40, marginTop: 34, insetTop: 6,
        ariaLabel: "Figures of the model with their intervals", ariaDescription: "The table below has the same figures.",
        x: { domain: [0, 1], grid: true, label: null, ticks: 5 }, y: { domain: names, label: null, tickSize: 0 }, [facet]: { domain: parts, label: null, padding: 0.12 },
        marks: [
          Plot.ruleY(data.figures, { x1: "low", x2: "high", y: "name", [facet]: "part", stroke: color("accused"), strokeWidth: 6, strokeOpacity: 0.35, strokeLinecap: "round" }),
          Plot.dot(data.figures.filter((figure) => figure.baseline !== null), { x: "baseline", y: "name", [facet]: "part", symbol: "times", stroke: color("soft"), strokeWidth: 2, r: 4 }),
          Plot.dot(data.figures, { x: "value", y: "name", [facet]: "part", fill: color("accused"), r: 4 }),
        ],
      });
    },
    calibration: () => (width) => [keys(data.calibration), plot({
      width: Math.min(width, 460), height: Math.min(width, 400), marginLeft: 44, ariaLabel: "Calibration of event types",
      ariaDescription: "Observed share against the certainty that the model gave, in ten bins.",
      x: { domain: [0, 1], label: "certainty given", grid: true }, y: { domain: [0, 1], label: "share observed", grid: true },
      color: { domain: ["gold", "test"], range: [color("stated"), color("accused")] }, symbol: { domain: ["gold", "test"], range: ["square", "circle"] },
      marks: [
        Plot.link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: color("soft"), strokeDasharray: "3 3" }),
        Plot.line(data.calibration, { x: "score", y: "observed", stroke: "part" }),
        Plot.dot(data.calibration, { x: "score", y: "observed", symbol: "part", stroke: "part", fill: color("paper"), r: 4 }),
      ],
    })],
    confusion: (host) => {
      const { cells, name, part } = data.confusions[Number(host.dataset.number)];
      const labels = [...new Set(cells.flatMap((cell) => [cell.actual, cell.predicted]))].sort((a, b) => (a === "(nothing)") - (b === "(nothing)") || a.localeCompare(b));
      return (width) => plot({
        width: Math.min(width, 560), height: 76 + 28 * labels.length, marginLeft: 110, marginTop: 4, marginBottom: 72, padding: 0.05,
        ariaLabel: `Confusions: ${name}, ${part}`, ariaDescription: cells.filter((cell) => cell.actual !== cell.predicted && cell.share >= 0.1).map((cell) => `${cell.actual} taken for ${cell.predicted} ${Math.round(cell.share * 100)} %`).join("; "),
        x: { domain: labels, label: null, tickRotate: -35, tickSize: 0 }, y: { domain: labels, label: null, tickSize: 0 }, opacity: { domain: [0, 1] },
        marks: [
          Plot.cell(cells, { x: "predicted", y: "actual", fill: color("accused"), fillOpacity: (cell) => cell.share * 0.55 }),
          Plot.text(cells.filter((cell) => cell.share >= 0.005), { x: "predicted", y: "actual", text: (cell) => Math.round(cell.share * 100) + " %", fill: color("ink"), fontSize: 10, title: (cell) => `${cell.count} sentences` }),
        ],
      });
    },
  };

  /* ---- one incident ---- */

  const at = (id, anchor) => `#incident=${encodeURIComponent(id)}${anchor ? `&at=${anchor}` : ""}`;
  /* The parts of the page that nobody has opened yet are text, so that thousands of them cost nothing. They were made
     from templates that escape what articles say, as the page itself was. */
  const policy = globalThis.trustedTypes?.createPolicy("parts", { createHTML: (text) => text }) ?? { createHTML: (text) => text };

  function part(id) {
    const holder = document.createElement("template");
    holder.innerHTML = policy.createHTML(byId(id).textContent);
    return holder.content;
  }

  function show(number) {
    const page = part(`incident-${number}`);
    for (const host of page.querySelectorAll("[data-article]")) host.replaceWith(part(`article-${host.dataset.article}`));
    page.querySelector("[data-legend]").replaceWith(byId("legend").content.cloneNode(true));
    for (const key of page.querySelectorAll("[data-role]")) key.setAttribute("aria-pressed", String(!byId("incident").classList.contains(`off-${key.dataset.role}`)));
    linkBack(page, points[number].id);
    const history = page.querySelector("[data-history]");
    byId("case").replaceChildren(page);
    if (data.history[number]) { resized.observe(history); put(history, attributionOverTime(data.history[number])); }
    else history?.remove();
    const place = shown.indexOf(number);
    step("previous", place > 0 ? shown[place - 1] : undefined);
    step("next", place >= 0 ? shown[place + 1] : undefined);
    byId("incident").querySelector("[data-place]").textContent = place < 0 ? "" : `${place + 1} of ${shown.length}`;
    byId("incident").querySelector("[data-go=list]").href = `#${overview}`;
  }

  function step(name, number) {
    const link = byId("incident").querySelector(`[data-go=${name}]`);
    if (number === undefined) link.removeAttribute("href");
    else link.href = at(points[number].id);
  }

  /* Each sentence that a claim rests on leads back to the claim. */
  function linkBack(page, id) {
    for (const claim of page.querySelectorAll("a[data-at]")) {
      const sentence = page.querySelector(`#${claim.dataset.at} > p`);
      sentence?.append(" ", make("a", { className: "back", href: at(id, claim.id), textContent: `↩ ${claim.closest("li").dataset.name}` }));
    }
  }

  function reveal(anchor) {
    for (const each of document.querySelectorAll(".lit")) each.classList.remove("lit");
    const target = /^(s-\d+-\d+|claim-\d+)$/.test(anchor) ? byId(anchor) : null;
    if (!target) return;
    (target.closest("li") ?? target).classList.add("lit");
    if (target.matches("li")) rove(target);
    target.scrollIntoView({ block: "center", behavior: "instant" });
    target.focus({ preventScroll: true });
  }

  /* ---- where we are ---- */

  function route() {
    const state = new URLSearchParams(location.hash.slice(1));
    hide();
    if (state.has("incident") && document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", route, { once: true });
      return;
    }
    const number = numbers.get(state.get("incident"));
    const view = number !== undefined ? "incident" : byId(state.get("view") ?? "")?.matches("main > section") ? state.get("view") : "overview";
    if (!byId("overview").hidden && view !== "overview") listPlace = scrollY;
    const came = view === "overview" && byId("overview").hidden;
    for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== view;
    for (const link of document.querySelectorAll("nav [data-view]")) {
      if (link.dataset.view === view || (view === "incident" && link.dataset.view === "overview")) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (view === "incident") {
      const anew = open !== number;
      if (anew) show(number);
      open = number;
      if (state.get("at")) reveal(state.get("at"));
      else if (anew) { scrollTo({ top: 0, behavior: "instant" }); byId("incident").querySelector("h2").focus({ preventScroll: true }); }
    } else {
      if (view === "overview") {
        if (state.toString() !== overview) { writeFilters(state); filter(); }
        if (came) {
          scrollTo({ top: listPlace, behavior: "instant" });
          if (open !== null) rows[open].firstElementChild.focus({ preventScroll: true });
        }
      } else scrollTo({ top: 0, behavior: "instant" });
      open = null;
    }
  }

  /* ---- pointing at highlights, and going through them with the keys ---- */

  const hint = byId("hint");
  let hinted = null;

  function tell(target) {
    hide();
    if (!target?.dataset.hint) return;
    hinted = target;
    hint.textContent = target.dataset.hint;
    hint.hidden = false;
    target.setAttribute("aria-describedby", "hint");
    const box = (target.getClientRects()[0] ?? target.getBoundingClientRect());
    const own = hint.getBoundingClientRect();
    const above = box.top - own.height - 6;
    hint.style.left = `${Math.max(6, Math.min(box.left, innerWidth - own.width - 6))}px`;
    hint.style.top = `${above > 4 ? above : box.bottom + 6}px`;
  }

  function hide() {
    hinted?.removeAttribute("aria-describedby");
    hinted = null;
    hint.hidden = true;
  }

  function rove(sentence) {
    for (const each of sentence.parentElement.querySelectorAll("[tabindex='0']")) each.tabIndex = -1;
    sentence.tabIndex = 0;
  }

  const hintOf = (target) => (target instanceof Element ? target.closest("mark[data-hint]") ?? target.closest(".labels")?.parentElement : null);
  document.addEventListener("pointerover", (event) => { const target = hintOf(event.target); if (target !== hinted) tell(target); });
  document.addEventListener("focusin", (event) => { if (event.target.matches(".text li, .text mark") && event.target.matches(":focus-visible")) tell(event.target); else hide(); });
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { hide(); const pick = document.querySelector(".pick[open]"); if (pick) { pick.open = false; pick.firstElementChild.focus(); } }
    const sentence = event.target.closest?.(".text li");
    if (!sentence || event.altKey || event.ctrlKey || event.metaKey) return;
    const marks = [...sentence.querySelectorAll("mark")];
    const place = marks.indexOf(event.target);
    const next = {
      ArrowDown: sentence.nextElementSibling, ArrowUp: sentence.previousElementSibling,
      ArrowRight: marks[place + 1], ArrowLeft: place > 0 ? marks[place - 1] : sentence,
      Home: sentence.parentElement.firstElementChild, End: sentence.parentElement.lastElementChild,
    }[event.key];
    if (!(event.key in { ArrowDown: 1, ArrowUp: 1, ArrowRight: 1, ArrowLeft: 1, Home: 1, End: 1 })) return;
    event.preventDefault();
    if (!next) return;
    if (next.matches("li")) rove(next); else next.tabIndex = -1;
    next.scrollIntoView({ block: "nearest", behavior: "instant" });
    next.focus({ preventScroll: true });
    tell(next);
  });

  document.addEventListener("click", (event) => {
    const key = event.target.closest?.("[data-role]");
    if (!key) return;
    const off = key.getAttribute("aria-pressed") === "true";
    byId("incident").classList.toggle(`off-${key.dataset.role}`, off);
    key.setAttribute("aria-pressed", String(!off));
  });

  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });

  /* ---- start ---- */

  for (const host of document.querySelectorAll("[data-chart]")) { charts.set(host, modelCharts[host.dataset.chart](host)); resized.observe(host); }
  for (const id of ["timeline", "map"]) resized.observe(byId(id));
  addEventListener("hashchange", route);
  writeFilters(new URLSearchParams(location.hash.slice(1)));
  filter();
  route();
})();
