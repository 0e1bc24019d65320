import { webgpu } from "../../../src/backend/index.js";
import { conformance } from "../conformance.js";
import { fetchedReference } from "./reference.js";

conformance("webgpu()", () => webgpu(), {
  tolerance: 2 ** -20,
  reference: fetchedReference,
  onceFailed: true,
});
