/** Numbers and times in words; pure. The widths are steady, so that nothing beside them moves. */

const NUMBER = /* @__PURE__ */ new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

const PLURALS = /* @__PURE__ */ new Intl.PluralRules("en-US");

export const count = (n: number): string => NUMBER.format(n);

/** Elapsed time: `12.4 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(s: number): string {
  if (s < 59.95) return `${Math.max(0, s).toFixed(1)} s`;
  const whole = Math.round(s);
  const two = (n: number): string => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A short span between two moments: `6 ms`, `1.24 s`. */
export function span(s: number): string {
  const ms = Math.max(0, s) * 1000;
  if (ms < 1) return "less than 1 ms";
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${s.toFixed(2)} s`;
}

/** `n` with its noun in the right number. */
export const counted = (n: number, noun: string, plural = `${noun}s`): string =>
  `${count(n)} ${PLURALS.select(n) === "one" ? noun : plural}`;

/** The words of a button that brings back parts of a long list. */
export const partsWords = (total: number, next: number): string =>
  total === next ? `Show ${counted(total, "more part")}` : `Show ${count(next)} more of ${counted(total, "part")}`;

/** Something per second, in as many digits as one can read: `312/s`, `1.4/s`, `8/min`. */
export function perSecond(rate: number, unit = ""): string {
  const [value, per] = rate >= 0.95 ? [rate, "s"] : rate >= 0.95 / 60 ? [rate * 60, "min"] : [rate * 3600, "h"];
  const shown = value < 9.95 ? value.toFixed(1) : count(Math.round(value));
  return `${shown}${unit && ` ${unit}`}/${per}`;
}

/** What is left: `12 s`, `1 min 30 s`, `14 min`, `2 h 05 min`. */
export function left(s: number): string {
  if (s < 60) return `${Math.round(s)} s`;
  if (s >= 3600) return duration(s);
  const [minutes, seconds] = [Math.floor(s / 60), Math.round(s % 60)];
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${String(seconds).padStart(2, "0")} s`;
}

const AXIS = /* @__PURE__ */ new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4, useGrouping: false });

/** A measured number in few digits: `0.3142`, `1.2e-7`, `48.1k`, `3.2M`. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(2).replace("e+", "e");
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]] as const) {
    if (size >= unit) return `${AXIS.format(value / (letter === "k" ? 1e3 : unit))}${letter}`;
  }
  return AXIS.format(value);
}

/** `14.2 kB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

/** A moment on an axis: `40 s`, `1:20`, `1:05:00`. */
export function clockTime(s: number): string {
  if (Math.abs(s) < 60) return `${AXIS.format(s)} s`;
  const two = (n: number): string => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), Math.round(s % 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
