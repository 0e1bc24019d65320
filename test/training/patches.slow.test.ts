import { test } from "vitest";
import { checkPatch } from "./patches.js";

test("gradients of two patches of 48³ are PyTorch's", () => checkPatch(48));
