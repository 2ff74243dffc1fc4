// One idea: the areas as a table that sorts by any column; the same values as the map's.

const Table = (() => {
  let data;
  const STEP = 400;
  let sorted = { column: 0, down: false };

  function use(document_) {
    data = document_;
    const dialog = Dom.byId("table-dialog");
    Dom.byId("tool-table").hidden = data.areas.count === 0;
    Dom.byId("tool-table").addEventListener("click", () => {
      refresh();
      dialog.showModal();
    });
    Dom.byId("table-save").addEventListener("click", save);
    Dom.byId("table-close").addEventListener("click", () => dialog.close());
  }

  function columns() {
    const { areas, measures } = data;
    const named = [{ label: Words.text("area"), value: (i) => areas.name[i], words: true }];
    if (areas.parent.some(Boolean)) {
      named.push({ label: Words.text("parent"), value: (i) => areas.parent[i], words: true });
    }
    const numbers = measures.filter((measure) => measure.brief).map((measure) => {
      const unit = Words.unit(measure.format);
      return {
        label: Words.both(measure.label) + (unit ? ` (${unit})` : ""),
        measure,
        value: (i) => measure.values[i],
        shown: (i) => Words.value(measure.values[i], measure.format, false),
      };
    });
    return [...named, ...numbers];
  }

  // Areas without a value stand at the end, whichever way the column is sorted.
  function order(column, down) {
    const rows = [...data.areas.name.keys()];
    const sign = down ? -1 : 1;
    return rows.sort((a, b) => {
      const [one, other] = [column.value(a), column.value(b)];
      if (column.words) return sign * Words.compare(one, other);
      if (one === null || other === null) return Number(one === null) - Number(other === null);
      return sign * (one - other);
    });
  }

  function heading(column, index) {
    const active = sorted.column === index;
    const direction = sorted.down ? "descending" : "ascending";
    const onclick = () => {
      sorted = { column: index, down: active ? !sorted.down : !column.words };
      refresh();
      Dom.byId("table").querySelectorAll("th .sort")[index].focus();
      Dom.say(`${column.label}: ${Words.text(sorted.down ? "sorted_down" : "sorted_up")}`);
    };
    const arrow = Dom.make("span", { "aria-hidden": "true" }, active ? (sorted.down ? " ↓" : " ↑") : "");
    return Dom.make(
      "th",
      { scope: "col", class: column.words ? "words" : null, "aria-sort": active ? direction : "none" },
      Dom.make("button", { type: "button", class: "sort", onclick }, column.label, arrow),
    );
  }

  // The column that is sorted says how it is computed: by the rule of the same figure of the whole territory.
  function account(all) {
    const column = all[sorted.column];
    const box = Dom.byId("table-account");
    box.hidden = !column.measure;
    if (column.measure) Dom.fill(box, Figures.account(Figures.find(column.measure.indicator, column.measure), column.label));
  }

  function row(all, i) {
    const cells = all.map((column, index) => {
      if (index === 0) return Dom.make("th", { scope: "row", class: "words" }, link(i));
      if (column.words) return Dom.make("td", { class: "words" }, column.value(i));
      if (column.value(i) === null) return Dom.make("td", { class: "none", title: Words.missing(column.measure, i) }, "–");
      return Dom.make("td", {}, column.shown(i));
    });
    return Dom.make("tr", {}, ...cells);
  }

  function link(i) {
    const name = Words.name(data.areas.name[i]);
    const onclick = () => {
      Dom.byId("table-dialog").close();
      Popups.goArea(i);
    };
    return Dom.make("button", { type: "button", title: Words.text("show_on_map", { name }), onclick }, name);
  }

  // A cell that begins like a formula gets an apostrophe, so that a spreadsheet shows it instead of running it.
  function cell(value) {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return `"${harmless.replace(/"/g, '""')}"`;
  }

  // The rows as they are sorted, numbers unrounded with a point; the mark at the start tells Excel that it is UTF-8.
  function save() {
    const all = columns();
    const lines = order(all[sorted.column], sorted.down).map((i) => all.map((column) => cell(column.value(i))));
    const text = [all.map((column) => cell(column.label)), ...lines].map((line) => line.join(",")).join("\r\n");
    const url = URL.createObjectURL(new Blob([`\ufeff${text}\r\n`], { type: "text/csv" }));
    Dom.make("a", { href: url, download: "areas.csv" }).click();
    URL.revokeObjectURL(url);
  }

  function refresh() {
    const all = columns();
    const rows = order(all[sorted.column], sorted.down);
    const head = Dom.make("thead", {}, Dom.make("tr", {}, ...all.map(heading)));
    const body = Dom.make("tbody");
    const foot = Dom.make("tfoot");
    account(all);
    Dom.fill(Dom.byId("table"), head, body, foot);
    showMore(all, rows, { body, foot });
  }

  // Ten thousand rows at once would take the browser seconds; the file that is saved has them all.
  function showMore(all, rows, { body, foot }) {
    const shown = body.childElementCount;
    body.append(...rows.slice(shown, shown + STEP).map((i) => row(all, i)));
    const counts = { shown: Words.number(body.childElementCount), all: Words.number(rows.length), step: Words.number(STEP) };
    const onclick = () => showMore(all, rows, { body, foot });
    const button = Dom.make("button", { type: "button", onclick }, Words.text("show_more", counts));
    if (body.childElementCount >= rows.length) foot.replaceChildren();
    else Dom.fill(foot, Dom.make("tr", {}, Dom.make("td", { class: "words", colspan: all.length }, button)));
  }

  return { use };
})();
