import type { Acquisition } from "../core/study.js";
import { spinEchoSignal, spoiledGradientEchoSignal } from "../internal/signalEquation.js";

/** What a voxel of a structure is made of. */
export interface Tissue {
  /** Longitudinal relaxation time at 1.5 T and 3 T, ms. */
  readonly t1Ms: readonly [number, number];
  /** Transverse relaxation time, ms. */
  readonly t2Ms: number;
  /** Proton density relative to water. */
  readonly protonDensity: number;
  /** Agent in the tissue some minutes after the standard dose, mmol/L. */
  readonly uptake: number;
}

const tissue = (t15: number, t30: number, t2Ms: number, protonDensity: number, uptake = 0): Tissue => ({
  t1Ms: [t15, t30],
  t2Ms,
  protonDensity,
  uptake,
});

// Sources of T1 and T2, by letter:
//  W  Wright et al. 2008, MAGMA 21:121 (in vivo, MPRAGE, 1.5 and 3 T)
//  S  Stanisz et al. 2005, Magn Reson Med 54:507 (1.5 and 3 T, 37 °C)
//  B  de Bazelaire et al. 2004, Radiology 230:652 (in vivo, 1.5 and 3 T)
//  R  Rooney et al. 2007, Magn Reson Med 57:308 (CSF: no dependence on the field)
//  K  Kwan et al. 1999, IEEE Trans Med Imaging 18:1085 (proton densities of brain tissue, fat and fluid)
//  –  chosen: between the tissues named; no measurement stands behind it
// Uptake: blood at 0.5 mmol/L (0.1 mmol/kg spread over plasma and extracellular space after some minutes); normal brain is
// its blood volume, 4 % of grey and 2 % of white matter; the rest is chosen so that it enhances as radiologists know it.
const TISSUES = {
  air: tissue(1000, 1000, 1, 0),
  skin: tissue(900, 1050, 30, 0.6, 0.1), // – fibrous tissue
  fat: tissue(343, 382, 68, 0.7, 0.01), // B; protons chosen: its chemical shift costs signal
  muscle: tissue(1008, 1412, 32, 0.7, 0.04), // S, T2 B; protons chosen: magnetisation transfer darkens it
  "cortical bone": tissue(220, 240, 0.4, 0.15), // – short T2: dark in any sequence
  marrow: tissue(549, 586, 49, 0.55, 0.03), // B, less protons for its trabeculae
  mucosa: tissue(1000, 1350, 60, 0.85, 0.4), // – as muscle, wetter
  "vitreous body": tissue(4000, 4000, 1000, 0.98), // – as CSF
  lens: tissue(1100, 1500, 40, 0.6), // – as grey matter, less water
  nerve: tissue(815, 1083, 78, 0.72, 0.01), // S (optic nerve)
  blood: tissue(1441, 1932, 275, 0.88, 0.5), // S
  dura: tissue(900, 1150, 35, 0.6, 0.3), // – fibrous tissue
  csf: tissue(4300, 4300, 2000, 1), // R, K
  "grey matter": tissue(1197, 1607, 97, 0.82, 0.02), // W, T2 S, K
  "white matter": tissue(646, 838, 70, 0.7, 0.01), // W, T2 S, K
  caudate: tissue(1109, 1395, 90, 0.81, 0.02), // W
  putamen: tissue(1084, 1332, 85, 0.8, 0.02), // W
  pallidum: tissue(820, 1030, 65, 0.76, 0.02), // – between white and deep grey matter
  thalamus: tissue(930, 1180, 82, 0.78, 0.02), // – between white and deep grey matter
  "brain stem": tissue(740, 960, 78, 0.73, 0.012), // – nearer to white matter
  "cerebellar grey matter": tissue(1197, 1607, 97, 0.83, 0.025), // as grey matter
  "cerebellar white matter": tissue(646, 838, 70, 0.7, 0.01), // as white matter
  "choroid plexus": tissue(1200, 1600, 120, 0.88, 0.4), // – as grey matter
  pituitary: tissue(950, 1200, 85, 0.8, 0.45), // –
  pineal: tissue(1000, 1300, 90, 0.82, 0.35), // –
  "enhancing rim": tissue(1050, 1450, 100, 0.85, 0.42), // – viable tumour
  necrosis: tissue(1900, 2500, 200, 0.93, 0.01), // – fluid with protein
  edema: tissue(1000, 1330, 110, 0.8, 0.012), // – white matter with water
  meningioma: tissue(1020, 1400, 85, 0.82, 0.5), // – near grey matter
  metastasis: tissue(1080, 1480, 95, 0.84, 0.42), // –
  schwannoma: tissue(1100, 1450, 100, 0.84, 0.4), // –
  "cyst fluid": tissue(2600, 3300, 500, 0.97), // – between necrosis and CSF
  "mural nodule": tissue(1080, 1450, 100, 0.84, 0.48), // –
  "low-grade tumour": tissue(1250, 1650, 130, 0.86, 0.015), // –
} as const satisfies Record<string, Tissue>;

/** Name of a structure of the phantom. */
export type PhantomStructure = keyof typeof TISSUES;

export const STRUCTURES = Object.keys(TISSUES) as readonly PhantomStructure[];

export const tissueOf = (name: PhantomStructure): Tissue => TISSUES[name];

/** The label of each structure in `truth.labels`; 0 is air. */
export const phantomLabels = Object.freeze(Object.fromEntries(STRUCTURES.map((name, label) => [name, label]))) as Readonly<
  Record<PhantomStructure, number>
>;

/**
 * T1 at any field: the power law T1 = a·B₀^b through the values at 1.5 and 3 T.
 *
 * @see Bottomley et al. 1984, Med Phys 11:425 (T1 = A·ν^B)
 */
export function t1AtField({ t1Ms: [at15, at3] }: Tissue, fieldStrengthT: number): number {
  return at3 * (fieldStrengthT / 3) ** Math.log2(at3 / at15);
}

/** Signal of a tissue per unit of receiver gain, with `concentration` mmol/L of an agent of relaxivity `r1` L/(mmol·s) in it. */
export function tissueSignal(
  { t1Ms, t2Ms, protonDensity }: { readonly t1Ms: number; readonly t2Ms: number; readonly protonDensity: number },
  { sequence, repetitionTimeMs, echoTimeMs, flipAngleDeg }: Required<Acquisition>,
  r1: number,
  concentration: number,
): number {
  const r1PerMs = 1 / t1Ms + (r1 * concentration) / 1000;
  const steady =
    sequence === "spin-echo"
      ? spinEchoSignal(r1PerMs, { repetitionTimeMs })
      : spoiledGradientEchoSignal(r1PerMs, { repetitionTimeMs, flipAngleDeg });
  return protonDensity * Math.exp(-echoTimeMs / t2Ms) * steady;
}
