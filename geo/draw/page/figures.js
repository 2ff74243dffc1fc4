// One idea: the figures of the whole territory as the study computed them - cards, coverage bars, and for each
// one its account: the rule, the parts, what it rests on, or why there is none.

const Figures = (() => {
  let data;
  let openCard = null;
  let openBar = null;

  function use(document_) {
    data = document_;
  }

  const NOTHING = { technology: null, operator: null, within: null };

  const find = (indicator, subject = NOTHING) =>
    data.figures.find((figure) => figure.indicator === indicator && State.sameSubject(figure, subject)) || null;

  const hasValue = (figure) => figure !== null && figure.value !== null;

  // The whole account of one figure, one click away from its number.
  function account(figure, label) {
    const rows = [];
    if (figure) {
      rows.push([Words.text("rule"), Words.both(figure.rule)]);
      if (figure.numerator !== null && figure.denominator !== null) {
        const parts = { numerator: Words.plain(figure.numerator), denominator: Words.plain(figure.denominator) };
        rows.push([Words.text("parts"), Words.text("divided", parts)]);
      }
      rows.push([Words.text("rests_on"), Words.account(figure.basis)]);
    }
    if (!hasValue(figure)) rows.push([Words.text("why_none"), reason(figure)]);
    return Dom.make("div", { class: "account-entry" }, Dom.make("h3", {}, label), Dom.facts(rows));
  }

  const reason = (figure) => (figure && figure.reason ? Words.both(figure.reason) : Words.text("no_figure"));

  function infoButton(label, open, controls, onclick) {
    const name = Words.text("how", { name: label });
    const attributes = { type: "button", class: "info", "aria-expanded": String(open), "aria-controls": controls };
    return Dom.make("button", { ...attributes, "aria-label": name, title: name, onclick }, Dom.icon("info", 18));
  }

  function card(indicator) {
    const figure = find(indicator);
    const label = figure ? Words.both(figure.label) : Words.both(data.cards[indicator]);
    const open = openCard === indicator;
    const toggle = () => {
      openCard = open ? null : indicator;
      refresh();
      Dom.byId("cards").querySelector(`[data-figure=${indicator}] button`).focus();
    };
    const value = hasValue(figure)
      ? Dom.make("b", {}, Words.value(figure.value, figure.format, false), unitOf(figure))
      : Dom.make("b", { class: "none" }, Words.text("no_data"));
    return Dom.make(
      "div",
      { class: open ? "card open" : "card", "data-figure": indicator },
      value,
      Dom.make("span", { class: "label" }, label),
      Dom.make("span", { class: "basis" }, hasValue(figure) ? Words.basis(figure.basis) : reason(figure)),
      infoButton(label, open, "card-account", toggle),
    );
  }

  const unitOf = (figure) => (figure.format.unit ? Dom.make("small", {}, ` ${Words.unit(figure.format)}`) : "");

  function show(box, entries) {
    box.hidden = entries.length === 0;
    Dom.fill(box, ...entries);
  }

  function cards() {
    Dom.fill(Dom.byId("cards"), ...Object.keys(data.cards).map(card));
    const figure = openCard && find(openCard);
    const label = openCard && Words.both(data.cards[openCard]);
    show(Dom.byId("card-account"), openCard ? [account(figure, label)] : []);
  }

  // A service has two shares: of villages, which the bar shows, and of people.
  function sharesOf(service) {
    const way = service.within === null ? "covered" : "within";
    return [find(`villages_${way}`, service), find(`people_${way}`, service)];
  }

  const percent = (figure) => (hasValue(figure) ? Words.value(figure.value, figure.format) : "–");

  function bar(service, index) {
    const [villages, people] = sharesOf(service);
    const main = hasValue(villages) ? villages : people;
    const name = Words.both(service.name);
    const shortName = service.operator === null ? name : operatorName(service, main);
    const width = hasValue(main) ? `${(main.value * 100).toFixed(2)}%` : "0";
    const known = hasValue(main);
    const pressed = State.chosen.service === index;
    const button = Dom.make(
      "button",
      {
        type: "button",
        class: service.operator === null ? "bar" : "bar part",
        "aria-label": `${name}: ${Words.text("villages")} ${percent(villages)}, ${Words.text("people")} ${percent(people)}`,
        "aria-pressed": String(pressed),
        "data-service": index,
        onclick: () => State.chooseService(data, index),
      },
      Dom.make("span", { class: "name" }, shortName),
      known
        ? Dom.make("i", { "aria-hidden": "true" }, Dom.make("u", { style: `width:${width}` }))
        : Dom.make("span", { class: "none" }, Words.text("no_data")),
      Dom.make("b", {}, percent(villages)),
      Dom.make("em", {}, percent(people)),
    );
    const toggle = () => {
      openBar = openBar === index ? null : index;
      refresh();
      Dom.byId("bars").querySelector(`[data-service="${index}"] ~ .info`).focus();
    };
    return Dom.make(
      "div",
      { class: pressed ? "bar-row pressed" : "bar-row" },
      button,
      infoButton(name, openBar === index, "bar-account", toggle),
    );
  }

  // The best operator is named by the figure that found it.
  function operatorName(service, figure) {
    const combined = data.operators[State.chosen.language][service.operator];
    const name = combined ? combined[0].toUpperCase() + combined.slice(1) : service.operator || Words.text("unnamed");
    return figure && figure.named ? `${name} (${figure.named})` : name;
  }

  // One operator under its own name, and no way to count several together.
  const isNamed = (service) => service.operator !== null && !Object.hasOwn(data.operators.en, service.operator);

  // The operators of a technology unfold when it is chosen.
  function isUnfolded(index) {
    const chosen = data.services[State.chosen.service];
    const service = data.services[index];
    return service.operator === null || (chosen !== undefined && chosen.technology === service.technology);
  }

  function barHead() {
    const cell = (key) => Dom.make("span", {}, Words.text(key).toLowerCase());
    return Dom.make("div", { class: "bar-head", "aria-hidden": "true" }, cell("villages"), cell("people"));
  }

  // Said once where it is true of all bars; the account of each bar says it too.
  function basisLine() {
    const figures = data.services.flatMap(sharesOf).filter(hasValue);
    const bases = [...new Set(figures.map((figure) => figure.basis))];
    const named = bases.map((basis) => Words.basis(basis)).join(" · ");
    return Dom.make("p", { class: "note" }, `${Words.text("rests_on")}: ${named}`);
  }

  function bars() {
    const box = Dom.byId("bars");
    if (!data.services.length) {
      Dom.fill(box, Dom.make("p", { class: "note" }, Words.text("no_coverage")));
      show(Dom.byId("bar-account"), []);
      return;
    }
    const any = data.services.some((service) => sharesOf(service).some(hasValue));
    Dom.fill(box, barHead(), ...data.services.map(bar).filter((_, i) => isUnfolded(i)), any ? basisLine() : null);
    const service = openBar === null ? null : data.services[openBar];
    const entries = service ? sharesOf(service).filter(Boolean) : [];
    const accounts = entries.map((figure) => account(figure, Words.both(figure.label)));
    show(Dom.byId("bar-account"), service && !accounts.length ? [account(null, Words.both(service.name))] : accounts);
  }

  function refresh() {
    cards();
    bars();
  }

  return { use, refresh, find, account, sharesOf, hasValue, isNamed };
})();
