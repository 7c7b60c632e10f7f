/** Numbers and times in words; pure. The widths are steady, so that nothing beside them moves. */

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

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
  if (ms < 1) return "under 1 ms";
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${s.toFixed(2)} s`;
}

/** `n` with its noun in the right number. */
export const counted = (n: number, noun: string): string =>
  `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
