// One idea: what the reader has chosen lives in one object; whoever shows it is told when it changes.

const State = (() => {
  const chosen = {
    language: "vi",
    theme: "light",
    service: -1, // position in data.services; -1: none, all villages look alike
    measure: -1, // position in data.measures; -1: areas stay uncoloured
    shown: { areas: true, catchments: false, yes: true, no: true, unknown: true, points: true, names: true },
    village: -1, // its line to the nearest point is drawn
    place: -1, // its catchment is drawn
    when: "after", // of a plan: the territory without it ("before") or with it
  };
  const listeners = [];

  // listen(["service"], f): f runs after any of these has changed.
  function listen(keys, listener) {
    listeners.push({ keys, listener });
  }

  function change(changes) {
    const changed = Object.keys(changes).filter((key) => chosen[key] !== changes[key]);
    Object.assign(chosen, changes);
    listeners
      .filter(({ keys }) => keys.some((key) => changed.includes(key)))
      .forEach(({ listener }) => listener());
  }

  function show(layer, on) {
    change({ shown: { ...chosen.shown, [layer]: on } });
  }

  const sameSubject = (one, other) =>
    one.technology === other.technology && one.operator === other.operator && one.within === other.within;

  // A measure of people or villages covered, and the service that covers them, are chosen together.
  function chooseService(data, service) {
    const subject = data.services[service];
    const fits = (one) => sameSubject(one, subject) && one.format.percent;
    const byPeople = data.measures.findIndex((one) => fits(one) && one.indicator.startsWith("people_"));
    const measure = byPeople < 0 ? data.measures.findIndex(fits) : byPeople;
    change({ service, measure: measure < 0 ? chosen.measure : measure });
  }

  function chooseMeasure(data, measure) {
    const subject = data.measures[measure];
    const service = data.services.findIndex((one) => sameSubject(one, subject));
    change({ measure, service: service < 0 || !subject.format.percent ? chosen.service : service });
  }

  return { chosen, listen, change, show, chooseService, chooseMeasure, sameSubject };
})();
