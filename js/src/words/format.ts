/**
 * Numbers, times and sizes; pure. Their widths are stable, so that nothing beside them moves.
 *
 * The sentences are English, so the numbers in them are, too: `1.204 tokens` in an English sentence would be
 * read as one and a bit. Within English the page's language decides (`lang` of the document): `en-IN` groups
 * as `1,00,000`. Units are the symbols of the SI.
 */

const LOCALE = /* @__PURE__ */ localeOf();

function localeOf(): string {
  const wanted = globalThis.document?.documentElement.lang ?? "";
  try {
    return /^en\b/i.test(wanted) ? (Intl.NumberFormat.supportedLocalesOf(wanted)[0] ?? "en") : "en";
  } catch {
    return "en"; // no language tag at all
  }
}

const formats = /* @__PURE__ */ new Map<string, Intl.NumberFormat>();

/** Creating a formatter takes longer than formatting a thousand numbers. */
function formatOf(key: string, options: () => Intl.NumberFormatOptions): Intl.NumberFormat {
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(LOCALE, options())));
  return format;
}

export const count = (n: number): string => formatOf("count", () => ({ maximumFractionDigits: 1 })).format(n);

/** `value` with `digits` decimals, optionally with grouped digits. */
export const decimal = (value: number, digits: number, useGrouping = false): string =>
  formatOf(`${digits} ${useGrouping}`, () => ({ minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping })).format(value);

/** `62%`. */
export const percent = (ratio: number): string => formatOf("percent", () => ({ style: "percent" })).format(ratio);

const two = (n: number): string => String(n).padStart(2, "0");

/** Elapsed time: `12.4 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(s: number): string {
  if (s < 59.95) return `${decimal(Math.max(0, s), 1)} s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${count(Math.floor(whole / 3600))} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** `31 s`, `2 min 05 s`. */
export const wholeSeconds = (s: number): string => (s < 60 ? `${Math.floor(s)} s` : duration(Math.floor(s)));

/** A short time span: `6 ms`, `1.24 s`. */
export function span(s: number): string {
  const ms = Math.max(0, s) * 1000;
  if (ms < 1) return "< 1 ms";
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${decimal(s, 2)} s`;
}

/** A rate with few digits: `312/s`, `1.4/s`, `8/min`. */
export function perSecond(rate: number): string {
  const [value, per] = rate >= 0.95 ? [rate, "s"] : rate >= 0.95 / 60 ? [rate * 60, "min"] : [rate * 3600, "h"];
  return `${value < 9.95 ? decimal(value, 1) : count(Math.round(value))}/${per}`;
}

/** Time left: `12 s`, `1 min 30 s`, `14 min`, `2 h 05 min`. */
export function left(s: number): string {
  if (s < 60) return `${Math.round(s)} s`;
  if (s >= 3600) return duration(s);
  const [minutes, seconds] = [Math.floor(s / 60), Math.round(s % 60)];
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${two(seconds)} s`;
}

const few = (value: number): string => formatOf("few", () => ({ maximumSignificantDigits: 4, useGrouping: false })).format(value);

/** A measured number in few digits: `0.3142`, `1.2e-7`, `48.1k`, `3.2M`. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(2).replace("e+", "e");
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]] as const) {
    if (size >= unit) return `${few(value / (letter === "k" ? 1e3 : unit))}${letter}`;
  }
  return few(value);
}

/** `14.2 kB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${decimal(n / 1e3, 1)} kB` : `${decimal(n / 1e6, 1)} MB`;
}

/** A time on an axis: `40 s`, `1:20`, `1:05:00`. */
export function clockTime(s: number): string {
  if (Math.abs(s) < 60) return `${few(s)} s`;
  const [hours, minutes, seconds] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), Math.round(s % 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** A smaller amount has two significant digits, as four decimals would show nothing of it. */
const LEAST_MONEY = 0.0001;
const MOST_DIGITS = 12;

/** `$0.0123`, `$0.0000066`; `currency` is a code such as `USD`. A round amount, such as a limit, has no zeros at its end: `$0.01`. */
export function money(value: number, currency: string, isRound = false): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 0.1 ? 2 : size >= LEAST_MONEY ? 4 : Math.min(MOST_DIGITS, 1 - Math.floor(Math.log10(size)));
  const least = isRound ? 2 : digits;
  const options = { style: "currency", currency, minimumFractionDigits: least, maximumFractionDigits: digits } as const;
  try {
    return formatOf(`${currency} ${least} ${digits}`, () => options).format(value);
  } catch {
    return `${currency} ${decimal(value, digits)}`; // no code of a currency
  }
}
