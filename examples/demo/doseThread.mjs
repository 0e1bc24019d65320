// Lets the thread read TypeScript: tsx serves the main thread only.
import { register } from "tsx/esm/api";

register();
await import("./doseThread.ts");
