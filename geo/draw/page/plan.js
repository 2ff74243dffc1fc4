// One idea: a page of a plan shows the territory without the plan or with it; what differs changes places.

const Plan = (() => {
  const [STAYS, OPENS, CLOSES] = [0, 1, 2];
  const COLUMNS = { villages: ["distance", "point", "status"], points: ["villages", "people", "place"] };
  let data;
  let map;

  function use(document_, map_) {
    data = document_;
    map = map_;
    const further = data.plan || data.holes;
    if (!further) return;
    Object.keys(data.texts).forEach((language) => Object.assign(data.texts[language], further.texts[language]));
    if (data.plan) Object.assign(State.chosen.shown, { proposed: true, closed: true });
    if (data.holes) Object.assign(State.chosen.shown, { holes: true });
  }

  function exchange(one, other, names) {
    names.forEach((name) => {
      [one[name], other[name]] = [other[name], one[name]];
    });
  }

  // What the page is not showing waits in data.plan.other, in the same order of rows.
  function show(when) {
    if (!data.plan || when === State.chosen.when) return;
    const { other } = data.plan;
    Object.entries(COLUMNS).forEach(([table, names]) => exchange(data[table], other[table], names));
    exchange(data, other, ["figures", "measures", "catchments"]);
    data.services.forEach((service, i) => {
      [service.counts, other.counts[i]] = [other.counts[i], service.counts];
    });
    map.closePopup();
    State.change({ when, village: -1, place: -1 });
  }

  const stateOf = (j) => (data.plan ? data.plan.state[j] : STAYS);

  // What a point looks like now; null where it is not there, or its layer is switched off.
  function lookOf(j) {
    const { shown, when } = State.chosen;
    const state = stateOf(j);
    if (state === STAYS || (state === CLOSES && when === "before")) return shown.points ? "point" : null;
    if (state === OPENS) return when === "after" && shown.proposed ? "proposed" : null;
    return shown.closed ? "closed" : null;
  }

  const isOpened = (j) => stateOf(j) === OPENS;

  // How many points are of a state; without the plan those that close still stand.
  function count(state) {
    const all = data.plan ? data.plan.state.reduce((sum, one) => sum + (one === state), 0) : 0;
    return State.chosen.when === "after" ? all : 0;
  }

  const standing = () => data.points.count - (data.plan ? count(OPENS) + count(CLOSES) + hidden() : 0);
  const hidden = () => (State.chosen.when === "before" ? data.plan.state.reduce((sum, one) => sum + (one === OPENS), 0) : 0);

  // The catchments of the points that open.
  const places = () => [...data.points.place].filter((place, j) => place >= 0 && isOpened(j));

  // What a popup says of a point that the plan opens or closes.
  function facts(j) {
    const adds = data.plan ? data.plan.adds[j] : null;
    if (adds === null || adds === undefined) return [];
    return [[addsName(stateOf(j) === CLOSES), Words.number(adds)]];
  }

  // How far it is from a village in the state that is not shown, where that differs.
  function ways(i) {
    const other = data.plan ? data.plan.other.villages.distance[i] : -1;
    if (other < 0 || other === data.villages.distance[i]) return [];
    return [[Words.text(State.chosen.when === "after" ? "way_without" : "way_with"), Words.kilometres(other)]];
  }

  function addsName(closes) {
    const { within } = data.plan;
    const key = `${closes ? "loses" : "adds"}_${within === null ? "nearest" : "within"}`;
    return Words.text(key, { within: Words.plain(within ?? 0) });
  }

  return { OPENS, CLOSES, use, show, lookOf, isOpened, count, standing, places, facts, ways };
})();
