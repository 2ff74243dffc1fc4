// One idea: what a plan is worth - the question, the gap without and with it, its sites, and what each further one adds.

const PlanBox = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const SIZE = { width: 330, height: 120, left: 8, right: 62, top: 14, bottom: 22 };
  let data;

  function use(document_) {
    data = document_;
    Dom.byId("section-plan").hidden = !data.plan;
  }

  function button(when) {
    const pressed = State.chosen.when === when;
    const attributes = { type: "button", "aria-pressed": String(pressed), "data-when": when };
    const onclick = () => {
      Plan.show(when);
      Dom.byId("section-plan").querySelector(`[data-when=${when}]`).focus();
    };
    return Dom.make("button", { ...attributes, onclick }, Words.text(`plan_${when}`));
  }

  // Those of a share's denominator who are not in its numerator; where there is no point yet, all of them.
  function beyond(figures, indicator) {
    const { within } = data.plan;
    const of = (some) => some.find((one) => one.indicator === indicator && one.within === within);
    const figure = of(figures);
    if (!figure) return null;
    if (figure.value !== null) return figure.denominator - figure.numerator;
    const whole = [data.figures, data.plan.other.figures].map(of).find((one) => one?.value !== null);
    return whole && valueOf(figures, "points") === 0 ? whole.denominator : null;
  }

  const valueOf = (figures, indicator) => figures.find((one) => one.indicator === indicator)?.value ?? null;

  // What is compared: its name, how to read it from figures, its digits.
  function rows() {
    const { within } = data.plan;
    const limit = { within: Words.plain(within ?? 0) };
    const far = [
      ["people_beyond", (figures) => beyond(figures, "people_within"), 0],
      ["villages_beyond", (figures) => beyond(figures, "villages_within"), 0],
    ];
    const always = [
      ["mean_way", (figures) => valueOf(figures, "nearest_distance_mean_people"), 2],
      ["farthest_way", (figures) => valueOf(figures, "nearest_distance_max"), 2],
      ["points_count", (figures) => valueOf(figures, "points"), 0],
    ];
    return (within === null ? always : [...far, ...always]).map(([key, read, digits]) => [Words.text(key, limit), read, digits]);
  }

  function effects() {
    const now = State.chosen.when === "after";
    const before = now ? data.plan.other.figures : data.figures;
    const after = now ? data.figures : data.plan.other.figures;
    const cell = (value, digits, shown) => Dom.make("td", { class: shown ? "now" : "" }, Words.number(value, digits));
    const head = ["", "without", "with"].map((key) => Dom.make("th", { scope: "col" }, key && Words.text(key)));
    const lines = rows().map(([name, read, digits]) =>
      Dom.make(
        "tr",
        {},
        Dom.make("th", { scope: "row" }, name),
        cell(read(before), digits, !now),
        cell(read(after), digits, now),
      ),
    );
    const body = Dom.make("tbody", {}, ...lines);
    return Dom.make("table", { id: "plan-effects" }, Dom.make("thead", {}, Dom.make("tr", {}, ...head)), body);
  }

  function site(j, place) {
    const { points, plan } = data;
    const adds = plan.adds[j];
    const name = Dom.make(
      "span",
      {},
      `${place + 1}. ${Words.name(points.name[j])}`,
      Dom.make("small", {}, Popups.whereabouts(points.area[j])),
    );
    const sign = Plan.isOpened(j) ? "+" : "\u2212";
    const numbers = adds === null ? null : Dom.make("span", { class: "numbers" }, `${sign}${Popups.people(adds)}`);
    const onclick = () => Popups.goPoint(j);
    const icon = Dom.icon(Plan.isOpened(j) ? "proposed" : "closed");
    return Dom.make("li", {}, Dom.make("button", { type: "button", onclick }, icon, name, numbers));
  }

  function drawn(tag, attributes, text) {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    if (text) element.textContent = text;
    return element;
  }

  // The curve of what each number of points brings, the number that was asked for marked.
  function curve() {
    const { steps, people, chosen } = data.plan.curve;
    const values = steps.map((step) => step[1]);
    const [most, low] = [Math.max(...values), people ? 0 : Math.min(...values)];
    const { width, height, left, right, top, bottom } = SIZE;
    const last = steps[steps.length - 1][0];
    const first = steps[0][0];
    const x = (number) => left + ((number - first) / Math.max(1, last - first)) * (width - left - right);
    const y = (value) => height - bottom - ((value - low) / (most - low || 1)) * (height - top - bottom);
    const at = steps.find((step) => step[0] === chosen) || steps[steps.length - 1];
    const told = (value) => (people ? Words.number(value) : Words.kilometres(value * 100));
    const title = Words.text(people ? "curve_people" : "curve_km");
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, id: "plan-curve", role: "img", "aria-label": title });
    svg.append(
      drawn("path", { class: "axis", d: `M${left} ${height - bottom}H${width - right}` }),
      drawn("path", { class: "line", d: `M${steps.map((step) => `${x(step[0])} ${y(step[1])}`).join("L")}` }),
      drawn("path", { class: "drop", d: `M${x(at[0])} ${y(at[1])}V${height - bottom}` }),
      drawn("circle", { class: "dot", cx: x(at[0]), cy: y(at[1]), r: 4 }),
      drawn("text", { x: x(at[0]), y: height - 6, "text-anchor": "middle" }, Words.number(at[0])),
      drawn("text", { x: x(at[0]), y: y(at[1]) + (people ? 16 : -8), dx: 8 }, told(at[1])),
    );
    if (last !== at[0]) {
      svg.append(
        drawn("text", { x: x(last), y: height - 6, "text-anchor": "middle" }, Words.number(last)),
        drawn("text", { x: x(last) + 5, y: y(values[values.length - 1]) + 4 }, told(values[values.length - 1])),
      );
    }
    return [Dom.make("h3", {}, title), svg];
  }

  function refresh() {
    const { plan } = data;
    if (!plan) return;
    Dom.fill(
      Dom.byId("section-plan"),
      Dom.make("h2", {}, Words.text("plan")),
      Dom.make("p", { id: "plan-question" }, Words.both(plan.question)),
      Dom.make("div", { id: "plan-switch", role: "group", "aria-label": Words.text("plan") }, button("before"), button("after")),
      effects(),
      Dom.make("ol", { class: "rows", id: "plan-sites" }, ...plan.order.map(site)),
      ...(plan.curve ? curve() : []),
      ...plan.proof.map((line) => Dom.make("p", { class: "note" }, Words.both(line))),
    );
  }

  return { use, refresh };
})();
