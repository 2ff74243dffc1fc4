// One idea: all that the page says, and every number it writes, in the language that is chosen.

const Words = (() => {
  const LOCALES = { vi: "vi-VN", en: "en-GB" };
  let data;
  let language;

  function use(document_, chosen) {
    data = document_;
    language = chosen;
  }

  const both = (pair) => (pair ? pair[language] : "");

  // text("gap_count", { villages: "12" }) fills the {placeholders} of a sentence: {villages:village|villages} with what is
  // counted behind the number, {villages:=has|have} with the word alone.
  function text(key, values = {}) {
    return data.texts[language][key].replace(/\{(\w+)(?::(=?)([^|}]*)\|([^}]*))?\}/g, (_, name_, alone, one, many) => {
      if (one === undefined) return values[name_];
      const noun = String(values[name_]) === "1" ? one : many;
      return alone ? noun : `${values[name_]} ${noun}`;
    });
  }

  // Formatters are dear to make and cheap to use: one for each language and number of digits.
  const formatters = {};
  function formatter(least, most) {
    const key = `${language} ${least} ${most}`;
    const options = { minimumFractionDigits: least, maximumFractionDigits: most };
    formatters[key] = formatters[key] || new Intl.NumberFormat(LOCALES[language], options);
    return formatters[key];
  }

  function number(count, digits = 0) {
    return count === null || count === undefined ? text("no_data") : formatter(digits, digits).format(count);
  }

  // A number without needless zeros, for parts of a figure and limits of classes.
  const plain = (count) => formatter(0, 3).format(count);

  const percent = (digits) => (language === "vi" ? `${digits}\u00a0%` : `${digits}%`);
  const unit = (format) => (format.unit ? data.units[language][format.unit] : "");

  // A value of a figure or of an area, by the format that came with it.
  function value(number_, format, withUnit = true) {
    if (number_ === null || number_ === undefined) return text("no_data");
    if (format.percent) return percent(number(number_ * 100, format.digits));
    const digits = number(number_, format.digits);
    return withUnit && format.unit ? `${digits}\u00a0${unit(format)}` : digits;
  }

  // What stands where an area has no value: that there is none, and why.
  function missing(measure, area) {
    const reason = measure.why ? measure.why.texts[measure.why.rows[area] - 1] : null;
    return reason ? `${text("no_data")}: ${both(reason)}` : text("no_data");
  }

  // The limit of a class: as short as it can be written.
  function limit(number_, format) {
    if (format.percent) return percent(plain(number_ * 100));
    return format.unit ? `${plain(number_)}\u00a0${unit(format)}` : plain(number_);
  }

  function date(iso) {
    const options =
      language === "vi"
        ? { day: "2-digit", month: "2-digit", year: "numeric" }
        : { day: "numeric", month: "long", year: "numeric" };
    return new Intl.DateTimeFormat(LOCALES[language], { ...options, timeZone: "UTC" }).format(
      new Date(`${iso}T00:00:00Z`),
    );
  }

  // What a search compares: no case, no accents, Đ as D.
  function fold(name) {
    return name
      .toLowerCase()
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/đ/g, "d");
  }

  const basis = (key) => data.bases[language][key];
  const account = (key) => data.accounts[language][key];
  const kind = (given) => (Object.hasOwn(data.kinds[language], given) ? data.kinds[language][given] : given);
  const name = (given) => given || text("unnamed");
  const kilometres = (centikm) => `${number(centikm / 100, 2)}\u00a0km`;

  function compare(a, b) {
    return a.localeCompare(b, LOCALES[language], { numeric: true });
  }

  return { use, both, text, number, plain, value, missing, limit, unit, date, fold, basis, account, kind, name, kilometres, compare };
})();
