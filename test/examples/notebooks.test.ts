import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

// The notebooks are executed headless where Jupyter and the kernel are there, against the built package.
const python = "/usr/bin/python3";
const hasJupyter = spawnSync(python, ["-c", "import nbclient, nbformat"]).status === 0;
const tools = resolve(".cache/tools/node_modules");
const deno = join(tools, ".bin/deno");
const tslab = join(tools, "tslab/bin/tslab");

const folder = mkdtempSync(join(tmpdir(), "gadolinite-notebooks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
  readonly text?: string | readonly string[];
  readonly ename?: string;
  readonly evalue?: string;
}

/** Executes a notebook with a kernel that is started by `argv`, in the folder `cwd`; returns all outputs. */
function execute(notebook: string, kernel: string, argv: readonly string[], cwd: string): readonly Output[] {
  const spec = join(folder, "kernels", kernel);
  mkdirSync(spec, { recursive: true });
  writeFileSync(join(spec, "kernel.json"), JSON.stringify({ argv, display_name: kernel, language: "typescript" }));
  const out = join(folder, `${kernel}.out.ipynb`);
  const program = `
import nbformat, nbclient, sys
nb = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(nb, timeout=300, kernel_name=sys.argv[3], allow_errors=True, resources={"metadata": {"path": sys.argv[4]}}).execute()
nbformat.write(nb, sys.argv[2])
`;
  const env = { ...process.env, JUPYTER_PATH: folder, PATH: `${join(tools, ".bin")}:${process.env["PATH"]}` };
  const { status, stderr } = spawnSync(python, ["-c", program, notebook, out, kernel, cwd], { encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr.slice(-3000));
  const { cells } = JSON.parse(readFileSync(out, "utf8")) as { cells: readonly { outputs?: readonly Output[] }[] };
  return cells.flatMap((cell) => cell.outputs ?? []);
}

const mime = (outputs: readonly Output[], type: string) => outputs.map(({ data }) => data?.[type]).find(Boolean);
const textOf = (value: unknown) => ([] as unknown[]).concat(value).join("");

function expectPictures(outputs: readonly Output[]): void {
  // tslab tells of errors on stderr, Deno as an output of its own.
  expect(outputs.filter(({ output_type, name }) => output_type === "error" || name === "stderr")).toEqual([]);
  expect(textOf(mime(outputs, "image/svg+xml") ?? mime(outputs, "text/html"))).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
  const png = Buffer.from(textOf(mime(outputs, "image/png")), "base64");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.byteLength).toBeGreaterThan(10_000);
}

describe("notebooks", () => {
  test.skipIf(!hasJupyter || !existsSync(deno))("Deno", { timeout: 300_000 }, () => {
    const outputs = execute(
      resolve("examples/notebooks/deno.ipynb"),
      "deno",
      [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
      resolve("examples/notebooks"),
    );
    expectPictures(outputs);
    expect(textOf(mime(outputs, "text/markdown"))).toMatch(/\| restored \| \d+\.\d+ \| \d\.\d+ \|/);
  });

  test.skipIf(!hasJupyter || !existsSync(tslab))("tslab", { timeout: 300_000 }, () => {
    // As a user has it: the packed package in a project of its own.
    const project = join(folder, "project");
    const modules = join(project, "node_modules");
    mkdirSync(join(modules, "gadolinite"), { recursive: true });
    writeFileSync(join(project, "package.json"), '{ "name": "user", "private": true }\n');
    cpSync("dist", join(modules, "gadolinite/dist"), { recursive: true });
    cpSync("package.json", join(modules, "gadolinite/package.json"));
    for (const name of readdirSync("node_modules").filter((entry) =>
      /^(fast-png|iobuffer|fflate|ndarray|ndarray-ops|cwise-compiler|uniq|iota-array|is-buffer|onnxruntime-common|@types)$/.test(
        entry,
      ),
    ))
      symlinkSync(resolve("node_modules", name), join(modules, name));
    symlinkSync(join(tools, "tslab"), join(modules, "tslab"));
    const outputs = execute(
      resolve("examples/notebooks/tslab.ipynb"),
      "tslab",
      [process.execPath, tslab, "kernel", "--config-path={connection_file}"],
      project,
    );
    expectPictures(outputs);
    expect(outputs.map(({ text }) => textOf(text)).join("")).toMatch(/PSNR \d+\.\d+ restored \d+/);
  });
});
