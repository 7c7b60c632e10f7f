/** From numbers to positions on a chart: ranges, ticks, linear and logarithmic; pure. */

export interface Range {
  min: number;
  max: number;
}

/** A narrower range has no room for ticks between its ends, and a smaller number has no logarithm to halve. */
const LEAST = 1e-300;
/** Numbers that differ by less than this part of them are the same: their digits end there. */
const SAME = 1e-12;

/** The range of `values` with a small margin; [0, 1] without values. */
export function rangeOf(values: Iterable<number>, log: boolean): Range {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value < LEAST)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min > max) return log ? { min: 0.1, max: 1 } : { min: 0, max: 1 };
  const isOne = max - min < Math.max(LEAST, SAME * Math.max(Math.abs(min), Math.abs(max)));
  if (!isOne) return { min, max };
  if (log) return { min: min / 2, max: max * 2 };
  const air = Math.abs(min) * 0.1;
  return air < LEAST ? { min: min - 1, max: max + 1 } : { min: min - air, max: max + air };
}

/** About `wanted` round numbers within the range, in order. */
export function ticks({ min, max }: Range, wanted: number, log = false): number[] {
  return log ? logTicks(min, max, wanted) : linearTicks(min, max, wanted);
}

function linearTicks(min: number, max: number, wanted: number): number[] {
  const step = stepOf(min, max, wanted);
  const found: number[] = [];
  for (let n = Math.ceil(min / step - 1e-9); n * step <= max + step * 1e-9 && found.length < 50; n += 1) {
    found.push(Number((n * step).toPrecision(15)));
  }
  return found;
}

/** The round distance for about `wanted` ticks. */
function stepOf(min: number, max: number, wanted: number): number {
  const rough = (max - min) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * (1 - 1e-9))!;
}

function logTicks(min: number, max: number, wanted: number): number[] {
  const [from, to] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const every = Math.max(1, Math.ceil((to - from) / Math.max(1, wanted)));
  const found: number[] = [];
  for (let n = from; n <= to; n += every) {
    const tick = Number(`1e${n}`);
    if (tick >= min * (1 - 1e-12) && tick <= max * (1 + 1e-12)) found.push(tick);
  }
  return found.length >= 2 ? found : linearTicks(min, max, wanted);
}

/** The position of `value` in the range, 0 to 1; NaN if it cannot be drawn. */
export function place(value: number, { min, max }: Range, log: boolean): number {
  if (!log) return (value - min) / (max - min);
  return value > 0 ? (Math.log(value) - Math.log(min)) / (Math.log(max) - Math.log(min)) : NaN;
}

/** The range extended to the nearest ticks, so that it rarely changes. */
export function nice(range: Range, wanted: number, log: boolean): Range {
  if (log) return range;
  const step = stepOf(range.min, range.max, wanted);
  return { min: Math.floor(range.min / step + 1e-9) * step, max: Math.ceil(range.max / step - 1e-9) * step };
}
