// One idea: how far each service reaches, as bars that choose it; a technology's operators lie folded beneath it.

const Bars = (() => {
  let data;
  let openBar = null;
  let unfolded = false;

  function use(document_) {
    data = document_;
  }

  const percent = (figure) => (Figures.hasValue(figure) ? Words.value(figure.value, figure.format) : "–");

  // The best operator is named by the figure that found it.
  function operatorName(service, figure) {
    const combined = data.operators[State.chosen.language][service.operator];
    const name = combined ? combined[0].toUpperCase() + combined.slice(1) : service.operator || Words.text("unnamed");
    return figure && figure.named ? `${name} (${figure.named})` : name;
  }

  const isCombined = (service) => service.operator !== null && Object.hasOwn(data.operators.en, service.operator);

  // One operator under its own name, and no way to count several together.
  const isNamed = (service) => service.operator !== null && !isCombined(service);

  // A way to count operators together says in a sentence what it counts.
  const meaning = (service) => (isCombined(service) ? Words.text(`operator_${service.operator}`) : null);

  function button(service, index) {
    const [villages, people] = Figures.sharesOf(service);
    const main = Figures.hasValue(villages) ? villages : people;
    const name = Words.both(service.name);
    const width = Figures.hasValue(main) ? `${(main.value * 100).toFixed(2)}%` : "0";
    return Dom.make(
      "button",
      {
        type: "button",
        class: service.operator === null ? "bar" : "bar part",
        title: meaning(service),
        "aria-label": `${name}: ${Words.text("villages")} ${percent(villages)}, ${Words.text("people")} ${percent(people)}`,
        "aria-pressed": String(State.chosen.service === index),
        "data-service": index,
        onclick: () => State.chooseService(data, index),
      },
      Dom.make("span", { class: "name" }, service.operator === null ? name : operatorName(service, main)),
      Figures.hasValue(main)
        ? Dom.make("i", { "aria-hidden": "true" }, Dom.make("u", { style: `width:${width}` }))
        : Dom.make("span", { class: "none" }, Words.text("no_data")),
      Dom.make("b", {}, percent(villages)),
      Dom.make("em", {}, percent(people)),
    );
  }

  function row(index) {
    const service = data.services[index];
    const toggle = () => {
      openBar = openBar === index ? null : index;
      refresh();
      Dom.byId("bars").querySelector(`[data-service="${index}"] ~ .info`).focus();
    };
    const sentence = meaning(service);
    return Dom.make(
      "div",
      { class: State.chosen.service === index ? "bar-row pressed" : "bar-row" },
      button(service, index),
      Figures.infoButton(Words.both(service.name), openBar === index, "bar-account", toggle),
      sentence && Dom.make("p", { class: "note" }, sentence),
    );
  }

  // The operators of the technology that is chosen; those of a technology without a bar of its own, always.
  function operators(technology, heads, parts) {
    const chosen = data.services[State.chosen.service];
    if (!parts.length || (heads.length && chosen?.technology !== technology)) return [];
    if (chosen && chosen.operator !== null) unfolded = true; // what is chosen stays in sight
    const service = heads.length ? Words.both(data.services[heads[0]].name) : technology;
    const onToggle = (event) => {
      unfolded = event.target.open;
    };
    return [
      Dom.make(
        "details",
        { class: "operators", open: unfolded, ontoggle: onToggle },
        Dom.make("summary", {}, Words.text("by_operator", { service })),
        ...parts.map(row),
      ),
    ];
  }

  // The rows of one technology, or of one distance.
  function group(technology, members) {
    const heads = members.filter((index) => data.services[index].operator === null);
    const parts = members.filter((index) => data.services[index].operator !== null);
    return [...heads.map(row), ...operators(technology, heads, parts)];
  }

  function groups() {
    const byTechnology = new Map();
    data.services.forEach(({ technology }, index) => {
      byTechnology.set(technology, [...(byTechnology.get(technology) || []), index]);
    });
    return [...byTechnology].flatMap(([technology, members]) => group(technology, members));
  }

  function head() {
    const cell = (key) => Dom.make("span", {}, Words.text(key).toLowerCase());
    return Dom.make("div", { class: "bar-head", "aria-hidden": "true" }, cell("villages"), cell("people"));
  }

  // Said once where it is true of all bars; the account of each bar says it too.
  function basis() {
    const figures = data.services.flatMap(Figures.sharesOf).filter(Figures.hasValue);
    if (!figures.length) return null;
    const bases = [...new Set(figures.map((figure) => figure.basis))];
    return Dom.make("p", { class: "note" }, `${Words.text("rests_on")}: ${bases.map(Words.basis).join(" · ")}`);
  }

  function account() {
    const service = openBar === null ? null : data.services[openBar];
    if (!service) return [];
    const entries = Figures.sharesOf(service).filter(Boolean);
    if (!entries.length) return [Figures.account(null, Words.both(service.name))];
    return entries.map((figure) => Figures.account(figure, Words.both(figure.label)));
  }

  // The bars are made anew; the one that had the keyboard has it again.
  function refresh() {
    const box = Dom.byId("bars");
    const held = box.contains(document.activeElement) ? document.activeElement.dataset.service : undefined;
    if (data.services.length) Dom.fill(box, head(), ...groups(), basis());
    else Dom.fill(box, Dom.make("p", { class: "note" }, Words.text("no_coverage")));
    Figures.show(Dom.byId("bar-account"), account());
    if (held !== undefined) box.querySelector(`[data-service="${held}"]`)?.focus();
  }

  return { use, refresh, isNamed };
})();
