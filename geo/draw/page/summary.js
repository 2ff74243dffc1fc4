// One idea: the study in one sentence, made of its figures and of nothing else.

const Summary = (() => {
  let data;

  function use(document_) {
    data = document_;
  }

  // What a plan or the coverage holes are about.
  function isAsked({ within, technology, operator }) {
    if (data.plan) return data.plan.within !== null && within === data.plan.within;
    return Boolean(data.holes) && technology === data.holes.technology && operator === null;
  }

  // The service with the smallest known share opens the page: that is where something is to be done.
  function firstService() {
    const share = (service) => Figures.sharesOf(service).find(Figures.hasValue)?.value ?? Infinity;
    const least = (services) => services.reduce((low, one) => (share(one) < share(low) ? one : low), services[0]);
    const asked = data.services.findIndex((service) => isAsked(service));
    if (asked >= 0) return asked;
    const networks = data.services.filter((service) => service.within === null && service.operator === null);
    const chosen = least(networks.length ? networks : data.services);
    return chosen ? data.services.indexOf(chosen) : -1;
  }

  // "102 service points; 5,950 people each, radius 3.24 km."
  function reach() {
    const part = (key, name, indicator) => {
      const figure = Figures.find(indicator);
      if (!Figures.hasValue(figure)) return null;
      return Words.text(key, { [name]: Words.value(figure.value, figure.format, false) });
    };
    const points = part("summary_points", "points", "points");
    const rest = [
      part("summary_people", "people", "people_per_point"),
      part("summary_radius", "radius", "mean_service_radius"),
    ].filter(Boolean);
    const text = [points, rest.join(", ")].filter(Boolean).join("; ");
    return text ? `${text}.` : null;
  }

  // Those of a figure's denominator who are not in its numerator.
  const missing = (figure) =>
    Figures.hasValue(figure) && figure.denominator !== null ? figure.denominator - figure.numerator : null;

  function gap() {
    const service = data.services[firstService()];
    if (!service) return null;
    const [villages, people] = Figures.sharesOf(service).map(missing);
    const name = { service: Words.both(service.name) };
    if (villages === null || people === null) return null;
    if (villages === 0) return Words.text("summary_full", name);
    return Words.text("summary_gap", { villages: Words.number(villages), people: Words.number(people), ...name });
  }

  function refresh() {
    const told = data.plan?.found || data.plan?.question;
    const text = told ? `${Words.both(told)}.` : [reach(), gap()].filter(Boolean).join(" ");
    Dom.byId("lead").textContent = text;
    Dom.byId("lead").hidden = !text;
  }

  return { use, refresh, firstService };
})();
