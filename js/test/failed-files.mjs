/** A reporter of Node's test runner that gives the name of each file with a failed test, on a line of its own. */

import { basename } from "node:path";

export default async function* failedFiles(events) {
  const seen = new Set();
  for await (const { type, data } of events) {
    const name = type === "test:fail" && data.file && basename(data.file).replace(/\.test\.m?[jt]s$/, "");
    if (!name || seen.has(name)) continue;
    seen.add(name);
    yield `${name}\n`;
  }
}
