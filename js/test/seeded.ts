/**
 * fast-check with the same examples in every run: whether the tests pass depends on the commit alone.
 * `FUZZ_SEED=7 npm test` tries others.
 */

import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["FUZZ_SEED"] ?? 1) });

export default fc;
