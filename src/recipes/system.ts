import type { Backend, Session } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import type { Restorer } from "../inference/restorer.js";
import type { Model } from "../model/model.js";
import type { ModelCard } from "../model/modelCard.js";
import type { PreparedStudy } from "./prepareStudy.js";

/** A way to restore the standard dose, trained or not: what its networks learn from, and how they restore a scan. */
export interface System {
  /** Short name, used in tables and of files. */
  readonly name: string;
  /** The paper, as one would cite it. */
  readonly source: string;
  /**
   * Whether it predicts the contrast signal alone, or the whole image: an image is matched radiometrically to the pre-contrast scan before it is measured (Pinetz et
   * al. 2024, section 4).
   */
  readonly predicts: "signal" | "image";
  /** What is trained, one model each; none for a restorer that needs no training. */
  readonly networks: readonly SystemNetwork[];
  /**
   * A restorer for the scans of one study.
   *
   * @param models the trained models, in the order of `networks`
   */
  restorer(models: readonly LoadedModel[], study: PreparedStudy): Restorer;
}

/** One network of a system. */
export interface SystemNetwork {
  /** Unique in its system; a file name without extension. */
  readonly name: string;
  /** Trains on these studies, step by step; the caller ends it by `break`. */
  train(studies: readonly PreparedStudy[], options: TrainNetworkOptions): AsyncGenerator<NetworkProgress, void, void>;
}

export interface TrainNetworkOptions {
  readonly backend: Backend;
  /** Where an earlier training was left. */
  readonly resume?: Checkpoint;
  readonly signal?: AbortSignal;
}

/** Bytes of `writeCheckpoint` by the name of the player: `network`, or `generator` and `discriminator`. */
export type Checkpoint = Readonly<Record<string, Uint8Array>>;

export interface NetworkProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly seconds: number;
  checkpoint(): Checkpoint;
  /** The model as it is now, with its card. */
  model(): Promise<Model>;
}

/** A model that runs, and its card. */
export interface LoadedModel {
  readonly session: Session;
  readonly card: ModelCard;
  readonly model: Model;
}

/** A restorer that needs no training, as a system that can be compared with the others. */
export function classicalSystem(restorer: Restorer): System {
  return { name: restorer.name, source: "–", predicts: "signal", networks: [], restorer: () => restorer };
}

/**
 * Loads the models of a system. Who loads them disposes of their sessions.
 *
 * @throws `bad-model` if there are more or fewer than the system's networks, or one has no card; and what the backend throws
 * @example
 * const loaded = await loadModels(system, models, cpu());
 * const restored = await restoreDose(system.restorer(loaded, study), { ...study, low, dose: 0.1 });
 */
export async function loadModels(system: System, models: readonly Model[], backend: Backend): Promise<readonly LoadedModel[]> {
  if (models.length !== system.networks.length)
    throw new GadoliniteError(
      "bad-model",
      `${system.name} has ${system.networks.length} networks, but ${models.length} models were given.`,
    );
  const loaded: LoadedModel[] = [];
  for (const model of models) {
    if (!model.card)
      throw new GadoliniteError("bad-model", `A model of ${system.name} carries no card: it isn't one that was trained here.`);
    loaded.push({ session: await backend.load(model), card: model.card, model });
  }
  return loaded;
}

/** Trains all networks of a system, one after another; `network` says which one a step belongs to. */
export async function* trainSystem(
  system: System,
  studies: readonly PreparedStudy[],
  options: Omit<TrainNetworkOptions, "resume">,
): AsyncGenerator<NetworkProgress & { readonly network: string }, void, void> {
  for (const { name, train } of system.networks)
    for await (const progress of train(studies, options)) yield { ...progress, network: name };
}
