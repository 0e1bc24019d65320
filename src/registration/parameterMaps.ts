import { type Grid, spacingMm } from "../core/grid.js";

/** Settings of elastix: each name has a list of values. */
export type ParameterMap = Readonly<Record<string, readonly string[]>>;

/** How a paper registered its scans. */
export type RegistrationPreset = "chen2025" | "bone2022" | "pinetz2024";

/** What a stage of a registration looks for. */
export type RegistrationStage = "rigid" | "affine";

interface Effort {
  readonly resolutions: number;
  /** Per resolution. */
  readonly iterations: number;
  /** New ones for each iteration. */
  readonly samples: number;
}

const EFFORTS: Readonly<Record<RegistrationPreset, Readonly<Record<RegistrationStage, Effort>>>> = {
  // "Elastix", no more is said: its own defaults.
  chen2025: {
    rigid: { resolutions: 4, iterations: 256, samples: 2048 },
    affine: { resolutions: 4, iterations: 256, samples: 2048 },
  },
  // FLIRT, 12 degrees of freedom, from 8 mm to 1 mm in four steps; its correlation ratio is not in elastix.
  bone2022: {
    rigid: { resolutions: 4, iterations: 500, samples: 4096 },
    affine: { resolutions: 4, iterations: 500, samples: 4096 },
  },
  // Code beside the paper.
  pinetz2024: {
    rigid: { resolutions: 4, iterations: 1000, samples: 4096 },
    affine: { resolutions: 3, iterations: 500, samples: 4096 },
  },
};

export const PRESETS = Object.keys(EFFORTS) as readonly RegistrationPreset[];

// Common to all: mutual information after Mattes (32 bins), adaptive stochastic gradient descent, random places from a fixed seed.
const COMMON: ParameterMap = {
  Registration: ["MultiResolutionRegistration"],
  Metric: ["AdvancedMattesMutualInformation"],
  NumberOfHistogramBins: ["32"],
  Optimizer: ["AdaptiveStochasticGradientDescent"],
  AutomaticParameterEstimation: ["true"],
  // The other estimate of step sizes, "DisplacementDistribution", is sooner found, but now and then ends millimetres off.
  ASGDParameterEstimationMethod: ["Original"],
  NumberOfSamplesForExactGradient: ["4096"],
  AutomaticScalesEstimation: ["true"],
  ImageSampler: ["RandomCoordinate"],
  NewSamplesEveryIteration: ["true"],
  RandomSeed: ["121212"],
  Interpolator: ["LinearInterpolator"],
  FixedImagePyramid: ["FixedRecursiveImagePyramid"],
  MovingImagePyramid: ["MovingRecursiveImagePyramid"],
  HowToCombineTransforms: ["Compose"],
  // The resampled image is not asked for: `resample` makes a better one.
  Resampler: ["DefaultResampler"],
  ResampleInterpolator: ["FinalNearestNeighborInterpolator"],
  WriteResultImage: ["false"],
};

/** The parameter map of a preset for two grids. */
export function parameterMap(preset: RegistrationPreset, stage: RegistrationStage, fixed: Grid, moving: Grid): ParameterMap {
  const { resolutions, iterations, samples } = EFFORTS[preset][stage];
  return {
    ...COMMON,
    Transform: [stage === "rigid" ? "EulerTransform" : "AffineTransform"],
    NumberOfResolutions: [`${resolutions}`],
    MaximumNumberOfIterations: [`${iterations}`],
    NumberOfSpatialSamples: [`${samples}`],
    FixedImagePyramidSchedule: schedule(fixed, resolutions),
    MovingImagePyramidSchedule: schedule(moving, resolutions),
  };
}

/** Halved again and again, but thick slices only once the others have become as thick. */
function schedule(grid: Grid, resolutions: number): readonly string[] {
  const spacing = spacingMm(grid);
  const finest = Math.min(...spacing);
  return Array.from({ length: resolutions }, (_, level) => 2 ** (resolutions - 1 - level)).flatMap((factor) =>
    spacing.map((mm) => `${Math.max(1, Math.round((factor * finest) / mm))}`),
  );
}
