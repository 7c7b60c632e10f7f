/** One field of a form: its label, its input, its value, and in one sentence what is wrong with it. */

import { create, setAttribute, setHidden, setText } from "../../base/dom.ts";
import type { Fields, Json } from "../../base/json.ts";
import { finite, label } from "../../base/safety.ts";
import * as english from "../../words/english.ts";

type Kind = "string" | "number" | "integer" | "boolean";
type Input = HTMLInputElement | HTMLSelectElement;

const NAME_CHARS = 200;
const WORDS_CHARS = 1000;
const TYPES: { readonly [format: string]: string } = { date: "date", email: "email" };

let made = 0;

export class AnswerField {
  readonly element: HTMLElement;
  readonly name: string;
  readonly input: Input;
  readonly #field: Fields;
  readonly #kind: Kind;
  readonly #title: string;
  readonly #options: readonly (readonly [value: Json, label: string])[];
  readonly #problem = create("span", { class: "sw-problem", hidden: "" });

  constructor(field: Fields) {
    this.#field = field;
    this.name = typeof field["name"] === "string" ? field["name"] : "";
    this.#kind = (["number", "integer", "boolean"] as const).find((kind) => kind === field["type"]) ?? "string";
    this.#title = label(field["title"], NAME_CHARS) || label(this.name, NAME_CHARS);
    this.#options = optionsOf(field["options"]);
    this.input = this.#options.length > 0 ? this.#select() : this.#line();
    this.element = this.#labelled();
  }

  /** The entered value; null: nothing was entered. Meaningful if `problem` returns "". */
  get value(): Json {
    const { input } = this;
    if (this.#options.length > 0) return input.value === "" ? null : (this.#options[Number(input.value)]?.[0] ?? null);
    if (input instanceof HTMLInputElement && this.#kind === "boolean") return input.checked;
    const text = this.#kind === "string" ? input.value : input.value.trim();
    if (text === "") return null;
    return this.#kind === "string" ? text : Number(text);
  }

  /** What is wrong with the entered value, in one sentence; "" if nothing is. */
  problem(): string {
    const { value } = this;
    if (value === null) {
      const badNumber = this.input instanceof HTMLInputElement && this.input.validity.badInput;
      if (badNumber) return english.mustBe(this.#title, this.#kindWords);
      return this.#field["required"] === true ? english.required(this.#title) : "";
    }
    const wrong = typeof value === "number" ? this.#wrongNumber(value) : this.#options.length === 0 && typeof value === "string" ? this.#wrongText(value) : "";
    return wrong && english.mustBe(this.#title, wrong);
  }

  /** Shows or removes a sentence below the field. */
  show(problem: string): void {
    setText(this.#problem, problem);
    setHidden(this.#problem, problem === "");
    setAttribute(this.input, "aria-invalid", problem === "" ? null : "true");
  }

  set disabled(disabled: boolean) {
    if (this.input.disabled !== disabled) this.input.disabled = disabled;
  }

  get #kindWords(): string {
    return this.#kind === "integer" ? english.A_WHOLE_NUMBER : english.A_NUMBER;
  }

  #wrongNumber(value: number): string {
    if (!Number.isFinite(value) || (this.#kind === "integer" && !Number.isInteger(value))) return this.#kindWords;
    const { minimum, maximum, above, below, multiple_of } = this.#field;
    const [least, greatest] = [finite(minimum), finite(maximum)];
    if (least !== null && (value < least || (above === true && value === least))) return english.atLeast(least, above === true);
    if (greatest !== null && (value > greatest || (below === true && value === greatest))) return english.atMost(greatest, below === true);
    const step = finite(multiple_of);
    return step !== null && step > 0 && !isMultiple(value, step) ? english.multipleOf(step) : "";
  }

  #wrongText(text: string): string {
    const [least, most] = [finite(this.#field["min_chars"]), finite(this.#field["max_chars"])];
    const size = [...text].length;
    if (least !== null && size < least) return english.charsAtLeast(least);
    return most !== null && size > most ? english.charsAtMost(most) : "";
  }

  #select(): HTMLSelectElement {
    const chosen = this.#options.findIndex(([value]) => value === this.#field["default"]);
    const options = this.#options.map(([, words], at) => create("option", { value: String(at) }, label(words, NAME_CHARS)));
    if (chosen < 0) options.unshift(create("option", { value: "" }, english.CHOOSE));
    const select = create("select", { class: "sw-entry" }, ...options);
    select.value = chosen < 0 ? "" : String(chosen);
    return select;
  }

  #line(): HTMLInputElement {
    const { default: given, is_secret, format } = this.#field;
    const isNumber = this.#kind === "number" || this.#kind === "integer";
    const type = this.#kind === "boolean" ? "checkbox" : is_secret === true ? "password" : isNumber ? "number" : (TYPES[String(format)] ?? "text");
    const input = create("input", { class: type === "checkbox" ? "sw-check" : "sw-entry", type, autocomplete: "off" });
    if (isNumber) {
      setAttribute(input, "step", this.#kind === "integer" ? String(finite(this.#field["multiple_of"]) ?? 1) : "any");
      setAttribute(input, "inputmode", this.#kind === "integer" ? "numeric" : "decimal");
    }
    if (type === "checkbox") input.checked = given === true;
    else if (given !== undefined && given !== null) input.value = String(given);
    return input;
  }

  #labelled(): HTMLElement {
    const { input } = this;
    const isCheck = this.#kind === "boolean" && this.#options.length === 0;
    const name = create("span", { class: "sw-fieldname" }, this.#title || english.YOUR_ANSWER);
    const { required, default: given } = this.#field;
    const isOptional = required !== true && !isCheck && (given === undefined || given === null);
    if (isOptional && this.#title) name.append(create("span", { class: "sw-optional" }, ` ${english.OPTIONAL}`));
    const words = label(this.#field["description"], WORDS_CHARS);
    const hint = create("span", { class: "sw-fieldhint" }, words);
    made += 1;
    hint.id = `sw-hint-${made}`;
    this.#problem.id = `sw-problem-${made}`;
    setHidden(hint, words === "");
    setAttribute(input, "aria-describedby", `${hint.id} ${this.#problem.id}`);
    setAttribute(input, "aria-required", this.#field["required"] === true && !isCheck ? "true" : null);
    const line = isCheck ? [input, name] : this.#title ? [name, input] : [input];
    if (!this.#title && !isCheck) setAttribute(input, "aria-label", english.YOUR_ANSWER);
    const box = create("label", { class: isCheck ? "sw-askfield sw-checkfield" : "sw-askfield" }, ...line);
    return create("div", { class: "sw-fieldbox" }, box, hint, this.#problem);
  }
}

function optionsOf(value: Json | undefined): [Json, string][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair): [Json, string][] => (Array.isArray(pair) && pair.length === 2 ? [[pair[0]!, String(pair[1])]] : []));
}

/** True if `value` is a multiple of `step`, as far as floats can say: 0.3 is one of 0.1. */
function isMultiple(value: number, step: number): boolean {
  const count = value / step;
  return Math.abs(count - Math.round(count)) <= 1e-9 * Math.max(1, Math.abs(count));
}
