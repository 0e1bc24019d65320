import { fileURLToPath } from "node:url";
import { build } from "vite";

await build({ root: fileURLToPath(new URL(".", import.meta.url)), base: "./", logLevel: "warn", build: { target: "es2022" } });
