import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toLatex } from "../../src/report/toLatex.js";

describe("toLatex", () => {
  test("example", () => {
    const latex = toLatex(
      {
        caption: "Detection & size",
        columns: [{ label: "" }, { label: "T1c", group: "Reader_1" }, { label: "T1c-pro", group: "Reader_1" }],
        rows: [["≥10 mm", -0.5, { value: "96 %", bold: true, mark: "*" }]],
        notes: ["* p < 0.05"],
      },
      { label: "tab:x" },
    );
    expect(latex).toBe(String.raw`\begin{table}
\centering
\caption{Detection \& size}
\label{tab:x}
\begin{tabular}{lrr}
\toprule
 & \multicolumn{2}{c}{Reader\_1} \\
\cmidrule(lr){2-3}
 & T1c & T1c-pro \\
\midrule
$\geq$10 mm & $-$0.5 & \textbf{96 \%}\rlap{*} \\
\bottomrule
\end{tabular}
\par\smallskip{\footnotesize * p $<$ 0.05}
\end{table}
`);
  });

  test("law: no text adds a cell, a line, a group or a comment", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 2 }), ([a, b]) => {
        const latex = toLatex({ columns: [{ label: "x" }, { label: "y" }], rows: [[a!, b!]] });
        const line = latex.split("\\midrule\n")[1]!.split("\n\\bottomrule")[0]!;
        const bare = line.replace(/\\(?:[&%$#_{}]|text\w+\{\})/g, "").replace(/\$(?:[<>-]|\^?\\\w+)\$/g, "");
        expect(bare.endsWith(" \\\\")).toBe(true);
        expect(bare.slice(0, -3).match(/&/g)).toHaveLength(1);
        expect(bare.slice(0, -3)).not.toMatch(/[\\%$#_~^\n]/);
        let depth = 0;
        for (const c of bare) {
          depth += c === "{" ? 1 : c === "}" ? -1 : 0;
          expect(depth).toBeGreaterThanOrEqual(0);
        }
        expect(depth).toBe(0);
      }),
    );
  });
});
