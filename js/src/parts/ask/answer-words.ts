/** An answer on one line; pure. */

import type { Json } from "../../base/json.ts";
import { label } from "../../base/safety.ts";
import { isFields } from "../../protocol/read-message.ts";
import * as english from "../../words/english.ts";

const WORDS_CHARS = 1000;

/** `name: Ada · age: 36` for a form; `yes` and `no` for booleans. */
export function answerWords(answer: Json): string {
  if (isFields(answer)) return english.beside(Object.entries(answer).map(([name, value]) => `${label(name)}: ${answerWords(value)}`), " · ");
  if (typeof answer === "boolean") return answer ? english.YES : english.NO;
  return label(typeof answer === "string" ? answer : JSON.stringify(answer), WORDS_CHARS);
}
