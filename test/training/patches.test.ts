import { test } from "vitest";
import { checkPatch } from "./patches.js";

test("gradients of two patches of 32³ are PyTorch's", () => checkPatch(32));
