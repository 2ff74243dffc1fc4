// One idea: the figures of the whole territory as the study computed them - the cards, and for every figure its
// account: the rule, the parts, what it rests on, or why there is none.

const Figures = (() => {
  let data;
  let openCard = null;

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

  function refresh() {
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

  return { use, refresh, find, account, infoButton, show, sharesOf, hasValue };
})();
