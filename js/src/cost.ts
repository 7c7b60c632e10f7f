/** What a run has cost, in words; pure. */

import { count } from "./format.ts";
import { label } from "./safety.ts";
import type { Status } from "./wire.ts";

/** `$0.0123`, or `$0.12 of $0.50`; "" where nothing is known. */
export function costWords({ cost, currency, budget }: Status): string {
  const paid = typeof cost === "number" ? money(cost, currency) : "";
  if (!budget || typeof budget.limit !== "number" || typeof budget.used !== "number") return paid;
  const { limit, used, unit } = budget;
  const isMoney = /^[A-Z]{3}$/.test(unit);
  const words = isMoney
    ? `${money(used, unit)} of ${money(limit, unit)}`
    : `${count(used)} of ${count(limit)} ${unit}`;
  return isMoney || !paid ? words : `${paid}, ${words}`;
}

const SYMBOLS: { readonly [currency: string]: string } = { USD: "$", EUR: "€", GBP: "£" };

function money(value: number, currency: string | null | undefined): string {
  const digits = value !== 0 && Math.abs(value) < 0.1 ? 4 : 2;
  const code = label(currency ?? "USD", 8);
  const symbol = Object.hasOwn(SYMBOLS, code) ? SYMBOLS[code]! : `${code} `;
  return symbol + value.toFixed(digits);
}
