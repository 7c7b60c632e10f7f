/** Messages that are almost right: valid ones in which a few values, anywhere, were exchanged for others. */

import fc from "./seeded.ts";
import { RUN, status } from "./fakes.ts";

const id = fc.constantFrom("a", "b", "c", "__proto__");
const kind = fc.constantFrom("text", "table", "step", "log", "progress", "toString");
const cell = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.boolean());
const fields = fc.record({ state: fc.constantFrom("open", "closed"), text: fc.string(), keep: fc.nat(5), items: fc.array(cell) }, { requiredKeys: [] });
const part = fc.tuple(id, kind, fields).map(([partId, partKind, more]) => ({ ...more, id: partId, kind: partKind }));
const op = fc.oneof(
  fc.record({ op: fc.constant("run"), fields: fc.record({ images: cell }) }),
  fc.record({ op: fc.constant("add"), part }),
  fc.record({ op: fc.constant("append"), id, text: fc.string() }),
  fc.record({ op: fc.constant("set"), id, fields }),
  fc.record({ op: fc.constant("extend"), id, items: fc.array(cell) }),
  fc.record({ op: fc.constant("put"), id, items: fc.array(fc.tuple(fc.nat(5), cell)) }),
  fc.record({ op: fc.constant("remove"), ids: fc.array(id) }),
);
const anyStatus = fc
  .record({ state: fc.constantFrom("streaming", "finished", "incomplete", "paused"), rev: fc.nat(9), stopped_by: fc.constant({ code: "budget", limit: 5, unit: "tokens" }), not_sent: fc.option(fc.string()), held: fc.boolean(), budget: fc.constant({ limit: 5, used: 3, unit: "tokens", soft: 0.8, shared: true }), estimate: fc.constant({ input_tokens: 9, output_tokens: 5, cost: 0.1, currency: "USD" }), stop: fc.constant({ requested_s: 1, heard_s: 2, closed_s: 3 }), stalled_s: fc.option(fc.nat()) })
  .map((more) => ({ ...status(), ...more }));
const patch = fc.record({
  run_id: fc.constantFrom(RUN, "view.2", "view.0"), from_seq: fc.nat(2), seq: fc.nat(3), ops: fc.array(fc.array(op, { maxLength: 4 }), { maxLength: 4 }), status: anyStatus, acks: fc.array(fc.string()),
});
const snapshot = fc.record({ run_id: fc.constantFrom(RUN, "view.2"), seq: fc.nat(4), status: anyStatus, run: fc.record({ images: cell }), parts: fc.array(part) });

export type Message = readonly [kind: "patch" | "snapshot", value: unknown];

/** One message with up to three values exchanged: for other ones, or for those of another place. */
export const nearValid: fc.Arbitrary<Message> = fc
  .tuple(
    fc.oneof(fc.tuple(fc.constant("patch" as const), patch), fc.tuple(fc.constant("snapshot" as const), snapshot)),
    fc.array(fc.tuple(fc.nat(), fc.anything()), { maxLength: 3 }),
  )
  .map(([[name, value], changes]) => [name, changes.reduce(exchanged, structuredClone(value) as unknown)] as const);

/** `message` with the value at place number `at`, in reading order, exchanged. */
function exchanged(message: unknown, [at, other]: readonly [number, unknown]): unknown {
  const places: { holder: { [key: string]: unknown }; key: string }[] = [];
  const visit = (holder: unknown): void => {
    if (holder === null || typeof holder !== "object") return;
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as { [key: string]: unknown }, key });
      visit((holder as { [key: string]: unknown })[key]);
    }
  };
  visit(message);
  const place = places[at % places.length];
  if (place) place.holder[place.key] = other;
  return message;
}
