import { wasm } from "../../../src/backend/index.js";
import { conformance } from "../conformance.js";
import { fetchedReference } from "./reference.js";

const threads = Number(new URLSearchParams(location.search).get("threads"));
conformance(`wasm({ threads: ${threads} })`, () => wasm({ threads }), { tolerance: 2 ** -21, reference: fetchedReference });
