/** The examples of the CommonMark specification. */

import commonmark from "commonmark-spec";
import { encodeAddress } from "../../src/base/safety.ts";
import type { Picture } from "../../src/base/pictures.ts";
import type { Policy } from "../../src/base/pictures.ts";
import type { Address } from "../../src/base/safety.ts";

export interface Example {
  readonly number: number;
  readonly markdown: string;
  readonly html: string;
  readonly section: string;
}

export const EXAMPLES: readonly Example[] = commonmark.tests.map((test, at) => ({
  number: at + 1,
  markdown: test.markdown.replaceAll("→", "\t"),
  html: test.html.replaceAll("→", "\t"),
  section: test.section,
}));

/** Lets every address through, so that the syntax is judged and not the policy. */
export const OPEN_POLICY: Policy = {
  address: (raw) => ({ href: encodeAddress(raw), host: "" }) as Address,
  picture: (raw) => ({ src: encodeAddress(raw), host: "" }) as Picture,
};
