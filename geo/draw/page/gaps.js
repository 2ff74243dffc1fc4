// One idea: the villages that most people live in and that the chosen service leaves out; each leads to the map.

const Gaps = (() => {
  const STEP = 10;
  let data;
  let listed = STEP;

  function use(document_) {
    data = document_;
    Dom.byId("gaps-more").addEventListener("click", () => {
      const last = listed;
      listed += STEP;
      refresh();
      Dom.byId("gaps").querySelectorAll("button")[last].focus();
    });
  }

  // Rows by a column of whole numbers from -1 on, the largest first. Numbers sort ten times faster than rows by a
  // comparison, so each row travels inside its key.
  function largestFirst(rows, column) {
    const { count } = data.villages;
    const keys = Float64Array.from(rows, (i) => (column[i] + 1) * count + (count - 1 - i)).sort();
    return Uint32Array.from(keys, (key) => count - 1 - (key % count)).reverse();
  }

  // Without a service the list names the villages that are farthest from their point.
  function members() {
    const { count, people, distance } = data.villages;
    const status = Marks.statusColumn();
    const rows = Uint32Array.from({ length: count }, (_, i) => i);
    if (status) return largestFirst(rows.filter((i) => status[i] === Marks.NO), people);
    return largestFirst(rows.filter((i) => distance[i] >= 0), distance);
  }

  // People come from the figure itself: those of its denominator who are not in its numerator.
  function note(count) {
    const service = data.services[State.chosen.service];
    if (!service) return "";
    if (!count) return service.counts[Marks.YES] ? Words.text("no_gaps") : Words.text("no_data");
    const values = { villages: Words.number(count), service: Words.both(service.name) };
    const people = Figures.sharesOf(service)[1];
    if (!Figures.hasValue(people) || people.denominator === null) return Words.text("gap_count", values);
    values.people = Words.number(people.denominator - people.numerator);
    return Words.text("gap_people", values);
  }

  function row(i) {
    const { villages } = data;
    const distance = villages.distance[i] < 0 ? null : Dom.make("em", {}, Words.kilometres(villages.distance[i]));
    const name = Dom.make(
      "span",
      {},
      Words.name(villages.name[i]),
      Dom.make("small", {}, Popups.whereabouts(villages.area[i])),
    );
    const numbers = Dom.make("span", { class: "numbers" }, Dom.make("em", {}, Popups.people(villages.people[i])), distance);
    return Dom.make("li", {}, Dom.make("button", { type: "button", onclick: () => Popups.goVillage(i) }, name, numbers));
  }

  function refresh() {
    const all = members();
    const service = data.services[State.chosen.service];
    Dom.byId("section-gaps").hidden = data.villages.count === 0 || (!service && !all.length);
    Dom.byId("gaps-title").textContent = Words.text(service ? "gaps" : "farthest");
    Dom.byId("gaps-note").textContent = note(all.length);
    Dom.fill(Dom.byId("gaps"), ...Array.from(all.slice(0, listed), row));
    Dom.byId("gaps-more").hidden = all.length <= listed;
  }

  function restart() {
    listed = STEP;
    refresh();
  }

  return { use, refresh, restart };
})();
