/** Between a knob's value and the place of its slider, from 0 to 1; pure. */

import type { Fields } from "../../base/json.ts";
import { finite } from "../../base/safety.ts";

/** Places of a slider without steps. */
const PLACES = 1000;
/** Digits of a value that a slider sets: it has no more places. */
const DIGITS = 3;
/** Steps of a key for a page. */
const BIG = 10;

export class Scale {
  readonly least: number | null;
  readonly greatest: number | null;
  readonly #step: number | null;
  readonly #isLog: boolean;

  constructor(fields: Fields) {
    [this.least, this.greatest, this.#step] = [finite(fields["minimum"]), finite(fields["maximum"]), finite(fields["step"])];
    this.#isLog = fields["is_log"] === true && (this.least ?? 0) > 0;
  }

  /** The distance of two places of the slider. */
  get pitch(): number {
    const span = (this.greatest ?? 0) - (this.least ?? 0);
    return this.#step !== null && !this.#isLog && span > 0 ? Math.min(1, this.#step / span) : 1 / PLACES;
  }

  /** The place of a value. */
  place(value: number): number {
    const [least, greatest] = [this.least ?? 0, this.greatest ?? 1];
    const ratio = this.#isLog ? Math.log(value / least) / Math.log(greatest / least) : (value - least) / (greatest - least);
    return Math.min(1, Math.max(0, ratio));
  }

  /** The value at a place, with few digits: a slider has no more places. */
  at(place: number): number {
    const [least, greatest] = [this.least ?? 0, this.greatest ?? 1];
    if (place <= 0 || place >= 1) return place <= 0 ? least : greatest;
    if (this.#isLog) return this.within(Number((least * (greatest / least) ** place).toPrecision(DIGITS)));
    const value = least + place * (greatest - least);
    const digits = Math.max(0, DIGITS - Math.ceil(Math.log10(greatest - least)));
    return this.within(this.#step === null ? Number(value.toFixed(Math.min(100, digits))) : value);
  }

  /** The nearest value that the knob can have. */
  within(value: number): number {
    let near = value;
    if (this.#step !== null && !this.#isLog) {
      const start = this.least ?? 0;
      near = Number((start + Math.round((value - start) / this.#step) * this.#step).toPrecision(12));
    }
    return Math.min(this.greatest ?? Infinity, Math.max(this.least ?? -Infinity, near));
  }

  /** The value that a key of a slider leads to; null: the key does nothing. */
  byKey(value: number, key: string, isRightToLeft: boolean): number | null {
    if (key === "Home") return this.least;
    if (key === "End") return this.greatest;
    const forward = isRightToLeft ? "ArrowLeft" : "ArrowRight";
    const back = isRightToLeft ? "ArrowRight" : "ArrowLeft";
    if (key === "ArrowUp" || key === forward) return this.beside(value, 1);
    if (key === "ArrowDown" || key === back) return this.beside(value, -1);
    return key === "PageUp" ? this.beside(value, BIG) : key === "PageDown" ? this.beside(value, -BIG) : null;
  }

  /** The value so many steps away; without a step, so many hundredths of the slider. */
  beside(value: number, count: number): number {
    const isFree = this.#step === null || this.#isLog;
    if (this.least !== null && this.greatest !== null && isFree) return this.at(this.place(value) + count * 0.01);
    return this.within(value + count * (this.#step ?? 1));
  }
}
