import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";

// What of playwright-core is used here; .ci/run installs it into .cache/tools.
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(expression: string): Promise<T>;
  on(event: "console" | "pageerror", listener: (message: { text?(): string; message?: string }) => void): void;
  close(): Promise<void>;
}
export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

// WebGPU on SwiftShader, a GPU in software; no traffic of its own.
const FLAGS = [
  ...["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"],
  ...[
    "--disable-sync",
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-dawn-features=disable_robustness",
  ],
];

/** Headless Chromium, or why there is none. */
export async function launchChromium(): Promise<{ readonly browser?: Browser; readonly absent?: string }> {
  if (!existsSync(EXECUTABLE)) return { absent: `${EXECUTABLE} is not installed` };
  try {
    const { chromium } = createRequire(resolve(".cache/tools/index.js"))("playwright-core") as Playwright;
    return { browser: await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS, timeout: 60_000 }) };
  } catch (error) {
    return { absent: (error as Error).message };
  }
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export interface Served {
  readonly address: string;
  close(): void;
}

/** Serves files from memory or folders: below /isolated/ cross-origin isolated, below /plain/ not; all with `headers`. */
export async function serve(
  find: (path: string) => Promise<string | Uint8Array | undefined>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const server: Server = createServer(async ({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const content = await find(pathname.replace(/^\/(isolated|plain)/, "")).catch((error: Error) => error);
    if (content === undefined || content instanceof Error) return void response.writeHead(404).end(String(content ?? pathname));
    const type = TYPES[extname(pathname)] ?? "application/json";
    response
      .writeHead(200, { "Content-Type": type, ...headers, ...(pathname.startsWith("/isolated/") && ISOLATED) })
      .end(content);
  });
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  return { address: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

/** The file of that name in the first of these folders that has it. */
export const fileIn =
  (...folders: readonly string[]) =>
  async (path: string): Promise<Uint8Array | undefined> => {
    const file = folders.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate));
    return file === undefined ? undefined : readFileSync(file);
  };

// Less than a test of this lane is given.
const PATIENCE_MS = 570_000;

/** Opens a page and waits for `globalThis.outcome`, a promise that the page makes; what it printed comes along if that fails. */
export async function outcomeOf<T>(browser: Browser, url: string): Promise<T> {
  const page = await browser.newPage();
  const printed: string[] = [];
  page.on("console", (message) => printed.push(message.text?.() ?? ""));
  page.on("pageerror", (error) => printed.push(error.message ?? ""));
  try {
    await page.goto(url);
    const outcome = page.evaluate<T>("globalThis.outcome ?? Promise.reject(new Error('the page made no outcome'))");
    const tooLate = new Promise<never>((_, reject) => setTimeout(reject, PATIENCE_MS, new Error("the page came to no end")));
    return await Promise.race([outcome, tooLate]);
  } catch (cause) {
    throw new Error(`${url}: ${(cause as Error).message}\n${printed.slice(-20).join("\n")}`, { cause });
  } finally {
    await page.close();
  }
}
