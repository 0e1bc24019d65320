import type { BackendReport, DoctorReport } from "./doctor.js";

/** The report as text for people, as `npx gadolinite doctor` prints it. */
export function describeDoctor(report: DoctorReport): string {
  const { version, platform, processors, crossOriginIsolated, secureContext, adapter, runtimes, backends, advice } = report;
  const yes = (value: boolean) => (value ? "yes" : "no");
  return [
    `gadolinite ${version} on ${platform}${processors === undefined ? "" : `, ${processors} processors`}`,
    ...(crossOriginIsolated === undefined ? [] : [`Cross-origin isolated: ${yes(crossOriginIsolated)}`]),
    ...(secureContext === undefined ? [] : [`Secure context: ${yes(secureContext)}`]),
    ...(adapter
      ? [
          `WebGPU adapter: ${adapter.name}; buffers to ${megabytes(adapter.maxBufferSize)}, bound to ${megabytes(adapter.maxStorageBufferBindingSize)}`,
        ]
      : []),
    "",
    "Runtimes",
    ...runtimes.map((runtime) => `  ${runtime.package.padEnd(18)}${runtime.version ?? "absent"}`),
    "",
    "Backends (time of a 32³ patch through a conditional 3-D U-Net of 8 features)",
    ...backends.flatMap(describeBackend),
    "",
    ...(advice.length === 0 ? [] : ["For more", ...advice.map((line) => `  ${line}`), ""]),
  ].join("\n");
}

function describeBackend({ backend, works, reason, device, placement, loadMs, patchMs }: BackendReport): readonly string[] {
  if (!works) return [`  ✗ ${backend.padEnd(10)}${reason}`];
  const partly = placement === "device and cpu" ? "; some operations on the CPU" : "";
  return [`  ✓ ${backend.padEnd(10)}${patchMs!.toFixed(1)} ms (${device}${partly}); loaded in ${loadMs!.toFixed(0)} ms`];
}

const megabytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;
