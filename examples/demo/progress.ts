import type { Progress } from "gadolinite";

const WIDTH = 28;

/** A bar that redraws itself on a terminal; elsewhere a plain line whenever the stage changes. */
export function progressBar(stream: NodeJS.WriteStream): { report(progress: Progress): void; say(line: string): void } {
  let stage = "";
  const clear = () => stream.isTTY && stream.write("\r\x1b[K");
  return {
    report({ done, total, stage: now }) {
      if (stream.isTTY) {
        const full = Math.round((WIDTH * done) / total);
        clear();
        if (done < total)
          stream.write(
            `${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${String(Math.floor((100 * done) / total)).padStart(3)} %  ${now}`,
          );
      } else if (now !== stage) stream.write(`  ${now} (${done} of ${total})\n`);
      stage = now;
    },
    say(line) {
      clear();
      stream.write(`${line}\n`);
    },
  };
}
